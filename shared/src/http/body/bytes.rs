//! The bytes of request bodies, which share a bounded amount of memory.

use std::ops::Deref;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::Problem;

/// Bytes per body that are not counted, so that a single fact is accepted whatever the load.
const UNCOUNTED_BYTES: usize = 16 * 1024;
/// Bytes beyond that, of all bodies of the process: six of the largest batches, or a hundred usual ones.
/// The limit is low because parsed JSON can be seven times as large as its text.
static MEMORY: Semaphore = Semaphore::const_new(32 * 1024 * 1024);

/// The bytes of a body. Dropping it releases its memory.
#[derive(Debug, Default)]
pub struct BodyBytes {
    bytes: Vec<u8>,
    permit: Option<SemaphorePermit<'static>>,
}

impl BodyBytes {
    /// Appends `more`.
    ///
    /// # Errors
    /// 503 when the memory is used up.
    pub(super) fn append(&mut self, more: &[u8]) -> Result<(), Problem> {
        let needed = self.bytes.len() + more.len();
        if needed > self.bytes.capacity() {
            // A quarter more than needed, so that growing copies a large body only a few times.
            self.grow(needed + needed / 4)?;
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }

    fn grow(&mut self, capacity: usize) -> Result<(), Problem> {
        let counted = |capacity: usize| capacity.saturating_sub(UNCOUNTED_BYTES);
        let more = counted(capacity) - counted(self.bytes.capacity());
        let more = u32::try_from(more).map_err(|_| overloaded())?;
        let more = MEMORY.try_acquire_many(more).map_err(|_| overloaded())?;
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
        self.bytes.reserve_exact(capacity - self.bytes.len());
        Ok(())
    }
}

impl Deref for BodyBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The problem when the memory for bodies is used up (503).
pub(super) fn overloaded() -> Problem {
    Problem::overloaded("too many large request bodies are being received; retry later")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_share_bounded_memory_and_small_ones_do_not_use_it() {
        let piece = [b' '; UNCOUNTED_BYTES];
        let mut large = BodyBytes::default();
        let problem = loop {
            if let Err(problem) = large.append(&piece) {
                break problem;
            }
        };
        assert_eq!(
            (problem.status().as_u16(), problem.code()),
            (503, "overloaded")
        );
        assert!(large.len() > 25 << 20, "{} bytes", large.len());
        // The memory that is left is not enough for another large body.
        let mut second = BodyBytes::default();
        let appended = (0..1024).take_while(|_| second.append(&piece).is_ok());
        assert!(appended.count() < 1024);

        let mut fact = BodyBytes::default();
        fact.append(&piece[..UNCOUNTED_BYTES * 4 / 5]).unwrap();
        drop(large);
        second.append(&piece).unwrap();
        assert_eq!(&fact[..3], b"   ");
    }
}
