//! The memory of rows that are being read: an event may have hundreds of thousands of sources, and each a row
//! for every day.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::StoreError;

/// The memory up to which reads need no permit, in bytes. Their number is limited by that of the connections.
const SMALL_READ_BYTES: usize = 8 << 20;
/// The wait for the permit of a large read.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(10);

/// Limits the memory of reads: large ones take turns, and none exceeds the maximum.
#[derive(Clone)]
pub(super) struct ReadMemory {
    max_bytes: usize,
    large_reads: Arc<Semaphore>,
    permit_timeout: Duration,
}

/// The memory of the rows of one read, until they are cached or dropped.
pub struct ReadMemoryUse {
    memory: ReadMemory,
    bytes: usize,
    permit: Option<OwnedSemaphorePermit>,
}

impl ReadMemory {
    /// Allows each read up to `max_bytes`.
    pub fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            large_reads: Arc::new(Semaphore::new(1)),
            permit_timeout: PERMIT_TIMEOUT,
        }
    }

    /// Begins a read.
    pub fn begin(&self) -> ReadMemoryUse {
        ReadMemoryUse {
            memory: self.clone(),
            bytes: 0,
            permit: None,
        }
    }
}

impl ReadMemoryUse {
    /// Adds `bytes`. A read that becomes large waits for the others that are.
    ///
    /// # Errors
    /// Fails if the read exceeds the maximum, or if the other large reads do not end in time.
    pub(super) async fn add(&mut self, bytes: usize) -> Result<(), StoreError> {
        self.bytes += bytes;
        if self.bytes > self.memory.max_bytes {
            return Err(StoreError::ReadTooLarge {
                max_mib: self.memory.max_bytes >> 20,
            });
        }
        if self.bytes > SMALL_READ_BYTES && self.permit.is_none() {
            let permit = Arc::clone(&self.memory.large_reads).acquire_owned();
            let permit = tokio::time::timeout(self.memory.permit_timeout, permit).await;
            self.permit = permit.ok().and_then(Result::ok);
            if self.permit.is_none() {
                return Err(StoreError::TooManyLargeReads);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_reads_take_turns_and_small_ones_do_not_wait() {
        let memory = ReadMemory {
            permit_timeout: Duration::from_millis(20),
            ..ReadMemory::new(4 * SMALL_READ_BYTES)
        };
        let (mut large, mut other) = (memory.begin(), memory.begin());
        large.add(2 * SMALL_READ_BYTES).await.unwrap();
        other.add(SMALL_READ_BYTES).await.unwrap();
        let waited = other.add(1).await;
        assert!(matches!(waited, Err(StoreError::TooManyLargeReads)));
        drop(large);
        other.add(1).await.unwrap();
        let too_large = other.add(4 * SMALL_READ_BYTES).await;
        assert!(matches!(
            too_large,
            Err(StoreError::ReadTooLarge { max_mib: 32 })
        ));
    }
}
