//! Group commit: writer tasks that store all that waits while their last batch commits.
//!
//! There is no timer. An idle service stores a single fact at once; a busy one forms batches by
//! itself, because facts gather while the database commits.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::Arc,
    time::Instant,
};

use analytics_shared::clock;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    batch::{Batch, Outcome},
    config::WriterConfig,
    metrics,
    row::Row,
    store::{Store, StoreError},
};

/// Attempts at a statement that met another writer's.
const ATTEMPTS: u32 = 5;

/// A fact on its way to the database, and where to say what became of it.
struct Submission {
    row: Arc<Row>,
    done: oneshot::Sender<Outcome>,
    /// Memory that it takes until it is settled.
    room: OwnedSemaphorePermit,
}

/// The way to the writers.
#[derive(Clone)]
pub struct Writers {
    queues: Vec<mpsc::UnboundedSender<Submission>>,
    /// Bytes that may wait in all queues together.
    room: Arc<Semaphore>,
}

/// No more facts may wait.
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
            let (queue, waiting) = mpsc::unbounded_channel();
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
        let room = Arc::new(Semaphore::new(config.queue_bytes()));
        (Self { queues, room }, WriterTasks { tasks, closing })
    }

    /// Hands a fact over if there is room; the receiver tells what became of it.
    ///
    /// # Errors
    /// When there is no room.
    pub fn offer(&self, row: Arc<Row>) -> Result<oneshot::Receiver<Outcome>, QueueFull> {
        let room = Arc::clone(&self.room);
        let room = room.try_acquire_many_owned(bytes(&row));
        Ok(self.hand_over(row, room.map_err(|_| QueueFull)?))
    }

    /// Hands a fact over, waiting for room; the receiver tells what became of it.
    pub async fn submit(&self, row: Arc<Row>) -> oneshot::Receiver<Outcome> {
        let room = Arc::clone(&self.room);
        let Ok(room) = room.acquire_many_owned(bytes(&row)).await else {
            // Nobody closes the room. If somebody did: a receiver that waits for nothing.
            return oneshot::channel().1;
        };
        self.hand_over(row, room)
    }

    fn hand_over(&self, row: Arc<Row>, room: OwnedSemaphorePermit) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        // A closed queue drops the submission, which the receiver sees.
        let _ = self.queue_of(&row).send(Submission { row, done, room });
        outcome
    }

    /// Facts of one event go to the same writer, so that writers rarely count the same row.
    fn queue_of(&self, row: &Row) -> &mpsc::UnboundedSender<Submission> {
        let hash =
            BuildHasherDefault::<DefaultHasher>::default().hash_one(row.event_id.unwrap_or(row.id));
        let writers = self.queues.len() as u64;
        &self.queues[usize::try_from(hash % writers).unwrap_or_default()]
    }
}

/// Memory that a fact takes while it waits.
fn bytes(row: &Row) -> u32 {
    u32::try_from(row.bytes()).unwrap_or(u32::MAX)
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
    mut waiting: mpsc::UnboundedReceiver<Submission>,
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
        let rows = submissions
            .iter()
            .map(|submission| Arc::clone(&submission.row));
        let batch = Batch::of(rows.collect());
        let outcomes = batch.outcomes(&write(&store, batch.rows()).await);
        for (Submission { done, room, .. }, outcome) in submissions.drain(..).zip(outcomes) {
            // Who asked may have gone away, a page that was left for example: the fact is stored
            // all the same.
            let _ = done.send(outcome);
            drop(room);
        }
    }
}

/// Writes `rows`; where the database refuses some value, the smallest part that it refuses is
/// found by halving, so that a bad fact costs its neighbours nothing.
async fn write(store: &Store, rows: &[Arc<Row>]) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::Unavailable; rows.len()];
    let mut parts = vec![(0, rows.len())];
    while let Some((start, end)) = parts.pop() {
        let part = &rows[start..end];
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
            // That the database is away has been logged.
            Err(StoreError::Unavailable(error)) => {
                tracing::debug!(%error, rows = part.len(), "batch is not stored");
                Outcome::Unavailable
            }
            Err(error @ StoreError::Contended(_)) => {
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

async fn write_at_once(store: &Store, rows: &[Arc<Row>]) -> Result<Vec<Outcome>, StoreError> {
    let started = Instant::now();
    let mut attempt = 1;
    let stored = loop {
        match store.write(rows).await {
            Err(StoreError::Contended(error)) if attempt < ATTEMPTS => {
                tracing::debug!(%error, attempt, "batch met another writer's");
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
    let outcome_of = |row: &Arc<Row>| {
        let is_new = stored.contains(&row.identity());
        if is_new {
            Outcome::Stored
        } else {
            Outcome::Duplicate
        }
    };
    Ok(rows.iter().map(outcome_of).collect())
}
