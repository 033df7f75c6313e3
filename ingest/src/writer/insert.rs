//! The insertion of a batch, and the outcomes of its facts.

use std::{sync::Arc, time::Instant};

use analytics_shared::clock;
use opentelemetry::context::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{
    batch::Batch,
    commit_spans::{CommitSpans, Origin},
    outcome::Outcome,
};
use crate::{
    metrics,
    store::{database::Store, error::StoreError, fact_row::FactRow},
};

/// The number of attempts after a deadlock or a unique violation.
const MAX_ATTEMPTS: u32 = 5;

/// A submitted fact, with the sender of its outcome.
pub struct Submission {
    /// The fact.
    pub row: Arc<FactRow>,
    /// The span that has submitted it.
    pub span: Origin,
    /// The sender of the outcome.
    pub done: oneshot::Sender<Outcome>,
    /// Its share of the memory budget, until it is settled.
    pub memory: OwnedSemaphorePermit,
}

/// Inserts a batch and sends the outcomes.
pub async fn insert_batch(store: &Store, submissions: Vec<Submission>) {
    let rows = submissions
        .iter()
        .map(|submission| Arc::clone(&submission.row));
    let batch = Batch::new(&rows.collect::<Vec<_>>());
    let spans = CommitSpans::start(submissions.iter().map(|submission| &submission.span));
    let inserting = insert(store, batch.rows()).with_context(spans.context());
    let outcomes = batch.outcomes(&inserting.await);
    spans.finish(&outcomes);
    for (Submission { done, memory, .. }, outcome) in submissions.into_iter().zip(outcomes) {
        // The caller may be gone, for example after a time-out; the fact is stored nevertheless.
        let _ = done.send(outcome);
        drop(memory);
    }
}

/// Inserts `rows`. If the database rejects a value, finds the invalid rows by bisection, so that they do not
/// affect the others.
async fn insert(store: &Store, rows: &[Arc<FactRow>]) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::Unavailable; rows.len()];
    let mut parts = vec![(0, rows.len())];
    while let Some((start, end)) = parts.pop() {
        let part = &rows[start..end];
        let outcome = match insert_with_retries(store, part).await {
            Ok(of_rows) => {
                outcomes[start..end].copy_from_slice(&of_rows);
                continue;
            }
            Err(StoreError::InvalidData(_)) if part.len() > 1 => {
                let middle = start + part.len() / 2;
                parts.extend([(start, middle), (middle, end)]);
                continue;
            }
            Err(StoreError::InvalidData(error)) => {
                tracing::warn!(%error, id = %part[0].id, "the database rejects a fact");
                Outcome::Invalid
            }
            // The loss of the database has been logged.
            Err(StoreError::Unavailable(error)) => {
                tracing::debug!(%error, rows = part.len(), "a batch is not stored");
                Outcome::Unavailable
            }
            Err(error @ StoreError::Contended(_)) => {
                tracing::warn!(%error, rows = part.len(), "a batch is not stored");
                Outcome::Unavailable
            }
            Err(error @ StoreError::Internal(_)) => {
                tracing::error!(%error, rows = part.len(), "a batch is not stored");
                Outcome::Failed
            }
        };
        outcomes[start..end].fill(outcome);
    }
    outcomes
}

async fn insert_with_retries(
    store: &Store,
    rows: &[Arc<FactRow>],
) -> Result<Vec<Outcome>, StoreError> {
    let started = Instant::now();
    let mut attempt = 1;
    let stored = loop {
        match store.insert(rows).await {
            Err(StoreError::Contended(error)) if attempt < MAX_ATTEMPTS => {
                tracing::debug!(%error, attempt, "conflict with another batch");
                attempt += 1;
            }
            result => break result?,
        }
    };
    metrics::batch_written(rows.len(), started.elapsed());
    let now = clock::now();
    for row in rows {
        metrics::fact_committed(now - row.created_at);
    }
    let outcome = |row: &Arc<FactRow>| {
        if stored.contains(&row.identity()) {
            Outcome::Stored
        } else {
            Outcome::Duplicate
        }
    };
    Ok(rows.iter().map(outcome).collect())
}
