//! The bytes of request bodies, which all together take a bounded share of the memory.

use std::ops::Deref;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::Problem;

/// Bytes of a body that nobody is asked for: a fact is taken however many batches are on their way.
const FREE: usize = 16 * 1024;
/// Bytes beyond that, of all bodies of the process: six of the largest batches, or a hundred usual ones.
/// It is no more because what is read from JSON can be seven times as large as its text.
static SHARED: Semaphore = Semaphore::const_new(32 * 1024 * 1024);

/// The bytes of a body, with their share of the memory; it is given back with this value.
#[derive(Debug, Default)]
pub struct BodyBytes {
    bytes: Vec<u8>,
    share: Option<SemaphorePermit<'static>>,
}

impl BodyBytes {
    /// Appends `more`.
    ///
    /// # Errors
    /// 503 when there is no memory for it now.
    pub(super) fn append(&mut self, more: &[u8]) -> Result<(), Problem> {
        let needed = self.bytes.len() + more.len();
        if needed > self.bytes.capacity() {
            // A quarter more than is needed, so that a large body is not copied again and again.
            self.grow(needed + needed / 4)?;
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }

    fn grow(&mut self, capacity: usize) -> Result<(), Problem> {
        let shared = |capacity: usize| capacity.saturating_sub(FREE);
        let more = shared(capacity) - shared(self.bytes.capacity());
        let more = u32::try_from(more).map_err(|_| overloaded())?;
        let more = SHARED.try_acquire_many(more).map_err(|_| overloaded())?;
        match &mut self.share {
            Some(share) => share.merge(more),
            None => self.share = Some(more),
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

/// There is no room for a body now (503).
pub(super) fn overloaded() -> Problem {
    Problem::overloaded("too many large bodies are on their way; send the same again later")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_share_a_bounded_memory_and_small_ones_need_none_of_it() {
        let piece = [b' '; FREE];
        let mut large = BodyBytes::default();
        let refused = loop {
            if let Err(refused) = large.append(&piece) {
                break refused;
            }
        };
        assert_eq!(
            (refused.status().as_u16(), refused.code()),
            (503, "overloaded")
        );
        assert!(large.len() > 25 << 20, "{} bytes", large.len());
        // What the first has left is not enough for another large one.
        let mut second = BodyBytes::default();
        let appended = (0..1024).take_while(|_| second.append(&piece).is_ok());
        assert!(appended.count() < 1024);

        let mut fact = BodyBytes::default();
        fact.append(&piece[..FREE * 4 / 5]).unwrap();
        drop(large);
        second.append(&piece).unwrap();
        assert_eq!(&fact[..3], b"   ");
    }
}
