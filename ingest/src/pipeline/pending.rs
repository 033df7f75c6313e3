//! Facts between submission and outcome.

use std::sync::Arc;

use analytics_shared::fact::Fact;
use tokio::sync::oneshot;

use super::retry::RetryUntilAvailable;
use crate::{
    store::fact_row::FactRow,
    writer::{
        BufferFull, Writers,
        commit_spans::{Origin, current_origin},
        outcome::Outcome,
    },
};

/// A fact that is submitted to the writers, with its origin, for example the message that carried it.
pub struct Pending<T> {
    /// The origin.
    pub origin: T,
    /// The fact, kept so that it can be submitted again.
    pub row: Arc<FactRow>,
    /// The span that has created this value.
    span: Origin,
    outcome: Option<oneshot::Receiver<Outcome>>,
}

impl<T> Pending<T> {
    /// A fact that is not submitted yet.
    pub fn new(origin: T, fact: Fact) -> Self {
        Self {
            origin,
            row: Arc::new(fact.into()),
            span: current_origin(),
            outcome: None,
        }
    }

    /// Submits the fact once the write buffer has room.
    pub async fn submit(&mut self, writers: &Writers) {
        let (row, span) = (Arc::clone(&self.row), self.span.clone());
        self.outcome = Some(writers.submit(row, span).await);
    }

    /// Submits the fact if the write buffer has room.
    pub fn try_submit(&mut self, writers: &Writers) -> Result<(), BufferFull> {
        let (row, span) = (Arc::clone(&self.row), self.span.clone());
        self.outcome = Some(writers.try_submit(row, span)?);
        Ok(())
    }

    /// Whether a writer may store the fact.
    pub fn is_submitted(&self) -> bool {
        self.outcome.is_some()
    }

    /// Waits for the outcome, which is [`Outcome::Unavailable`] if the fact was not submitted or the
    /// writers have stopped.
    pub async fn outcome(&mut self) -> Outcome {
        match &mut self.outcome {
            Some(outcome) => outcome.await.unwrap_or(Outcome::Unavailable),
            None => Outcome::Unavailable,
        }
    }
}

/// Submits facts for as long as it takes: used where the source can wait.
#[derive(Clone)]
pub struct Submitter {
    /// The writers.
    pub writers: Writers,
    /// Paces further attempts.
    pub retry: RetryUntilAvailable,
}

impl Submitter {
    /// Submits a fact.
    pub async fn submit<T>(&self, origin: T, fact: Fact) -> Pending<T> {
        let mut pending = Pending::new(origin, fact);
        pending.submit(&self.writers).await;
        pending
    }

    /// Waits for the outcomes of facts, and submits those with a retryable outcome again until shutdown.
    pub async fn settle<T>(&self, facts: Vec<Pending<T>>) -> Vec<(Pending<T>, Outcome)> {
        let mut settled = Vec::with_capacity(facts.len());
        let mut unsettled = facts;
        loop {
            let mut retryable = Vec::new();
            for mut fact in unsettled {
                let outcome = fact.outcome().await;
                if self.retry.is_retryable_outcome(outcome) {
                    retryable.push((fact, outcome));
                } else {
                    settled.push((fact, outcome));
                }
            }
            if retryable.is_empty() || !self.retry.pause().await {
                settled.extend(retryable);
                return settled;
            }
            unsettled = Vec::with_capacity(retryable.len());
            for (mut fact, _) in retryable {
                fact.submit(&self.writers).await;
                unsettled.push(fact);
            }
        }
    }
}
