//! Answers that were made before: the same question about the same state has the same answer.
//!
//! Whoever asks what somebody else is asking at this moment waits for that answer.

use std::{future::Future, hash::Hash, sync::Arc};

use analytics_shared::problem::Problem;
use bytes::Bytes;
use moka::future::Cache;
use poem_openapi::types::ToJSON;
use sha2::{Digest, Sha256};

use crate::{metrics, store::State};

/// Bytes that an entry takes beside what is in it, about.
const OVERHEAD: usize = 300;

/// Answers, bounded in bytes; those that nobody asks for go first.
#[derive(Clone)]
pub struct Answers<K: CacheKey>(Cache<(K, State), Answer>);

/// A key that identifies a request, beside the state of the facts.
pub trait CacheKey: Eq + Hash + Send + Sync + 'static {
    /// Memory that it takes beside its own size, in bytes, about.
    fn heap_bytes(&self) -> usize;
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its body.
    pub json: Bytes,
    /// Stands for these very bytes: a strong entity tag (RFC 9110, 8.8.3).
    pub tag: String,
}

impl<K: CacheKey> Answers<K> {
    /// An empty memory of at most so many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let weigher = |(question, state): &(K, State), answer: &Answer| {
            let question = size_of::<K>() + question.heap_bytes();
            let bytes = question + state.bytes() + answer.json.len() + OVERHEAD;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(bytes).weigher(weigher);
        Self(cache.build())
    }

    /// The answer to `question` about things in that state. `question` says everything else that the
    /// answer depends on. What is begun is made and kept, also when who asked has gone: others may wait
    /// for it, and a read that is broken off would leave its connection in a transaction.
    ///
    /// # Errors
    /// Those of `making`.
    pub async fn get<T: ToJSON>(
        &self,
        question: K,
        state: State,
        making: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let cache = self.0.clone();
        let finding = async move {
            let making = async { making.await.map(|answer| Answer::new(&answer)) };
            let entry = cache.entry((question, state));
            entry.or_try_insert_with(making).await
        };
        // A panic is logged where it happens.
        let found = tokio::spawn(finding).await;
        let found = found.map_err(|_| Problem::internal())?;
        let found = found.map_err(|problem: Arc<Problem>| Problem::clone(&problem))?;
        metrics::answered(found.is_fresh());
        Ok(found.into_value())
    }
}

impl Answer {
    /// The answer with its tag.
    #[must_use]
    pub fn new(answer: &impl ToJSON) -> Self {
        let json = Bytes::from(answer.to_json_string());
        // Half of it tells any two answers apart.
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(&json)[..16]);
        let tag = format!("\"{:032x}\"", u128::from_be_bytes(half));
        Self { json, tag }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    impl CacheKey for &'static str {
        fn heap_bytes(&self) -> usize {
            0
        }
    }

    #[tokio::test]
    async fn what_its_asker_has_given_up_is_made_once_and_kept() {
        let (answers, made) = (Answers::new(1 << 20), Arc::new(AtomicUsize::new(0)));
        let get = || {
            let made = Arc::clone(&made);
            let making = async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                made.fetch_add(1, Ordering::Relaxed);
                Ok("made".to_owned())
            };
            answers.get("question", State::digest(b""), making)
        };
        let given_up = tokio::time::timeout(Duration::from_millis(5), get()).await;
        assert!(given_up.is_err());
        for _ in 0..2 {
            assert_eq!(&get().await.unwrap().json[..], b"\"made\"");
        }
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }
}
