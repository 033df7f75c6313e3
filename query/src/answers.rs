//! Answers that were made before: the same question about the same state has the same answer.
//!
//! Whoever asks what somebody else is asking at this moment waits for that answer.

use std::{future::Future, sync::Arc};

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
pub struct Answers(Cache<(String, State), Answer>);

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its body.
    pub json: Bytes,
    /// Stands for these very bytes: a strong entity tag (RFC 9110, 8.8.3).
    pub tag: String,
}

impl Answers {
    /// An empty memory of at most so many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let weigher = |(question, state): &(String, State), answer: &Answer| {
            let bytes = question.len() + state.bytes() + answer.json.len() + OVERHEAD;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(bytes).weigher(weigher);
        Self(cache.build())
    }

    /// The answer to `question` about things in that state. `question` says everything else that the
    /// answer depends on. What is begun is made, also when nobody waits for it any longer: a read
    /// that is broken off would leave its connection in a transaction.
    ///
    /// # Errors
    /// Those of `making`.
    pub async fn get<T: ToJSON>(
        &self,
        question: String,
        state: State,
        making: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let entry = self.0.entry((question, state));
        let made = async {
            let making = async { making.await.map(|answer| Answer::new(&answer)) };
            // A panic is logged where it happens.
            let made = tokio::spawn(making).await;
            made.unwrap_or_else(|_| Err(Problem::internal()))
        };
        let found = entry
            .or_try_insert_with(made)
            .await
            .map_err(|problem: Arc<Problem>| Problem::clone(&problem))?;
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
