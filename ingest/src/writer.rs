//! Group commit: writer tasks that store all that waits while their last batch commits.
//!
//! There is no timer. An idle service stores a single fact at once; a busy one forms batches by
//! itself, because facts gather while the database commits.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    time::Instant,
};

use analytics_shared::{clock, fact::Fact};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    batch::{Batch, Outcome},
    config::WriterConfig,
    metrics,
    store::{Store, StoreError},
};

/// Attempts at a statement that met another writer's.
const ATTEMPTS: u32 = 5;

/// A fact on its way to the database, and where to say what became of it.
struct Submission {
    fact: Fact,
    done: oneshot::Sender<Outcome>,
}

/// The way to the writers.
#[derive(Clone)]
pub struct Writers {
    queues: Vec<mpsc::Sender<Submission>>,
}

/// All writers are busy and their queues are full.
#[derive(Debug)]
pub struct QueueFull;

/// The writer tasks, to be stopped last.
pub struct WriterTasks {
    tasks: JoinSet<()>,
    closing: CancellationToken,
}

impl Writers {
    /// Starts the writer tasks.
    #[must_use]
    pub fn start(config: &WriterConfig, store: &Store) -> (Self, WriterTasks) {
        let (mut tasks, closing) = (JoinSet::new(), CancellationToken::new());
        let queues = (0..config.writers).map(|writer| {
            let (queue, waiting) = mpsc::channel(config.queue_rows);
            tasks.spawn(write_all(
                writer,
                store.clone(),
                waiting,
                config.batch_max_rows,
                closing.clone(),
            ));
            queue
        });
        let queues = queues.collect();
        (Self { queues }, WriterTasks { tasks, closing })
    }

    /// Hands a fact over if there is room; the receiver tells what became of it.
    ///
    /// # Errors
    /// When there is no room.
    pub fn offer(&self, fact: Fact) -> Result<oneshot::Receiver<Outcome>, QueueFull> {
        let (done, outcome) = oneshot::channel();
        let queue = self.queue_of(&fact);
        queue
            .try_send(Submission { fact, done })
            .map_err(|_| QueueFull)?;
        Ok(outcome)
    }

    /// Hands a fact over, waiting for room; the receiver tells what became of it.
    pub async fn submit(&self, fact: Fact) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        // A closed queue drops the submission, which the receiver sees.
        let _ = self.queue_of(&fact).send(Submission { fact, done }).await;
        outcome
    }

    /// Facts of one event go to the same writer, so that writers rarely count the same row.
    fn queue_of(&self, fact: &Fact) -> &mpsc::Sender<Submission> {
        let hash = BuildHasherDefault::<DefaultHasher>::default()
            .hash_one(fact.event_id.unwrap_or(fact.id));
        let writers = self.queues.len() as u64;
        &self.queues[usize::try_from(hash % writers).unwrap_or_default()]
    }
}

impl WriterTasks {
    /// Stores all that was handed over, takes no more, and ends.
    pub async fn finish(mut self) {
        self.closing.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a writer failed");
            }
        }
    }
}

async fn write_all(
    writer: usize,
    store: Store,
    mut waiting: mpsc::Receiver<Submission>,
    batch_max_rows: usize,
    closing: CancellationToken,
) {
    let mut submissions = Vec::with_capacity(batch_max_rows);
    loop {
        tokio::select! {
            taken = waiting.recv_many(&mut submissions, batch_max_rows) => {
                if taken == 0 {
                    return;
                }
            }
            () = closing.cancelled(), if !waiting.is_closed() => {
                waiting.close();
                continue;
            }
        }
        metrics::facts_waiting(writer, waiting.len());
        let (facts, answers): (Vec<_>, Vec<_>) = submissions
            .drain(..)
            .map(|submission| (submission.fact, submission.done))
            .unzip();
        let batch = Batch::of(facts);
        let outcomes = batch.outcomes(&write(&store, batch.facts()).await);
        for (done, outcome) in answers.into_iter().zip(outcomes) {
            // Who asked may have gone away, a page that was left for example: the fact is stored
            // all the same.
            let _ = done.send(outcome);
        }
    }
}

/// Writes `facts`; where the database refuses some value, the smallest part that it refuses is
/// found by halving, so that a bad fact costs its neighbours nothing.
async fn write(store: &Store, facts: &[Fact]) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::Unavailable; facts.len()];
    let mut parts = vec![(0, facts.len())];
    while let Some((start, end)) = parts.pop() {
        let part = &facts[start..end];
        let outcome_of_all = match write_at_once(store, part).await {
            Ok(of_facts) => {
                outcomes[start..end].copy_from_slice(&of_facts);
                continue;
            }
            Err(StoreError::RefusedValues(_)) if part.len() > 1 => {
                let middle = start + part.len() / 2;
                parts.extend([(start, middle), (middle, end)]);
                continue;
            }
            Err(StoreError::RefusedValues(error)) => {
                tracing::warn!(%error, id = %part[0].id, "the database refuses a fact");
                Outcome::Refused
            }
            Err(error @ (StoreError::Unavailable(_) | StoreError::Contended(_))) => {
                tracing::warn!(%error, rows = part.len(), "batch is not stored");
                Outcome::Unavailable
            }
            Err(error @ StoreError::Broken(_)) => {
                tracing::error!(%error, rows = part.len(), "batch is not stored");
                Outcome::Broken
            }
        };
        outcomes[start..end].fill(outcome_of_all);
    }
    outcomes
}

async fn write_at_once(store: &Store, facts: &[Fact]) -> Result<Vec<Outcome>, StoreError> {
    let started = Instant::now();
    let mut attempt = 1;
    let stored = loop {
        match store.write(facts).await {
            Err(StoreError::Contended(error)) if attempt < ATTEMPTS => {
                tracing::debug!(%error, attempt, "batch met another writer's");
                attempt += 1;
            }
            result => break result?,
        }
    };
    metrics::batch_written(facts.len(), started.elapsed());
    let now = clock::now();
    for fact in facts {
        metrics::fact_committed(now - fact.created_at);
    }
    let outcome_of = |fact: &Fact| {
        let is_new = stored.contains(&(fact.id, fact.created_at));
        if is_new {
            Outcome::Stored
        } else {
            Outcome::Duplicate
        }
    };
    Ok(facts.iter().map(outcome_of).collect())
}
