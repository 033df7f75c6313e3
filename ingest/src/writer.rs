//! Group commit: facts that wait are stored together while other batches commit.
//!
//! There is no timer. An idle service stores a single fact at once; a busy one forms batches by
//! itself, because facts gather while the database commits. How many batches are written at the same
//! time follows the load.

mod queue;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use analytics_shared::clock;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot},
    task::JoinHandle,
};
use tokio_util::task::TaskTracker;

use crate::{
    batch::{Batch, Outcome},
    config::WriterConfig,
    metrics,
    row::Row,
    store::{Store, StoreError},
};
use queue::{Queue, Taken};

/// Connections that are left for look-ups, maintenance, and the question whether the database answers.
const RESERVED_CONNECTIONS: u32 = 2;
/// Attempts after a deadlock or a unique violation.
const ATTEMPTS: u32 = 5;

/// A fact on its way to the database, and where its outcome goes.
struct Submission {
    row: Arc<Row>,
    done: oneshot::Sender<Outcome>,
    /// Memory that it takes until it is settled.
    room: OwnedSemaphorePermit,
}

/// The way to the database.
#[derive(Clone)]
pub struct Writers {
    shared: Arc<Shared>,
    /// Bytes that may wait together.
    room: Arc<Semaphore>,
}

struct Shared {
    queue: Mutex<Queue<Submission>>,
    /// Wakes the task that starts batches.
    added: Notify,
    store: Store,
    tasks: TaskTracker,
}

/// No more facts may wait.
#[derive(Debug)]
pub struct QueueFull;

/// The tasks that write, to be stopped last.
pub struct WriterTasks {
    shared: Arc<Shared>,
    starting: JoinHandle<()>,
}

impl Writers {
    /// Begins with nothing to write. Batches take all connections of the pool at most, but for
    /// [`RESERVED_CONNECTIONS`].
    #[must_use]
    pub fn start(config: &WriterConfig, connections: u32, store: &Store) -> (Self, WriterTasks) {
        let max_batches = connections.saturating_sub(RESERVED_CONNECTIONS).max(1);
        let max_batches = usize::try_from(max_batches).unwrap_or(usize::MAX);
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(max_batches, config.batch_max_rows)),
            added: Notify::new(),
            store: store.clone(),
            tasks: TaskTracker::new(),
        });
        let tasks = WriterTasks {
            shared: Arc::clone(&shared),
            starting: tokio::spawn(Arc::clone(&shared).start_batches()),
        };
        let room = Arc::new(Semaphore::new(config.queue_bytes()));
        (Self { shared, room }, tasks)
    }

    /// Hands a fact over if there is room; the receiver gets its outcome.
    ///
    /// # Errors
    /// When there is no room.
    pub fn offer(&self, row: Arc<Row>) -> Result<oneshot::Receiver<Outcome>, QueueFull> {
        let room = Arc::clone(&self.room);
        let room = room.try_acquire_many_owned(bytes(&row));
        Ok(self.enqueue(row, room.map_err(|_| QueueFull)?))
    }

    /// Hands a fact over, waiting for room; the receiver gets its outcome.
    pub async fn submit(&self, row: Arc<Row>) -> oneshot::Receiver<Outcome> {
        // Without a wait where there is room, so that a caller's facts are written together.
        let mut room = Arc::clone(&self.room).try_acquire_many_owned(bytes(&row));
        if matches!(room, Err(TryAcquireError::NoPermits)) {
            let waiting = Arc::clone(&self.room).acquire_many_owned(bytes(&row));
            room = waiting.await.map_err(|_| TryAcquireError::Closed);
        }
        let Ok(room) = room else {
            // Unreachable; a closed receiver reports Unavailable.
            return oneshot::channel().1;
        };
        self.enqueue(row, room)
    }

    fn enqueue(&self, row: Arc<Row>, room: OwnedSemaphorePermit) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        let key = row.event_id.unwrap_or(row.id);
        // A closed queue drops the submission, which the receiver sees.
        self.shared.lock().push(key, Submission { row, done, room });
        self.shared.added.notify_one();
        outcome
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue<Submission>> {
        // Nothing that panics is done while it is locked.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts batches as facts are added. This is a task of its own, so that it runs when the task that
    /// adds facts has nothing more to add: they are written together.
    async fn start_batches(self: Arc<Self>) {
        loop {
            self.added.notified().await;
            self.start_due();
        }
    }

    fn start_due(self: &Arc<Self>) {
        loop {
            // The lock is released before the batch is spawned.
            let batch = self.lock().take();
            let Some(batch) = batch else { return };
            self.tasks.spawn(Arc::clone(self).write_while_due(batch));
        }
    }

    /// Writes a batch, and further ones as long as facts wait.
    async fn write_while_due(self: Arc<Self>, batch: Taken<Submission>) {
        let mut due = Some(batch);
        while let Some(Taken { items, lanes }) = due {
            let number = items.len();
            write_batch(&self.store, items).await;
            due = {
                let mut queue = self.lock();
                queue.written(number, &lanes);
                metrics::facts_waiting(queue.len());
                queue.take()
            };
            self.start_due();
        }
    }
}

async fn write_batch(store: &Store, submissions: Vec<Submission>) {
    let rows = submissions
        .iter()
        .map(|submission| Arc::clone(&submission.row));
    let batch = Batch::of(rows.collect());
    let outcomes = batch.outcomes(&write(store, batch.rows()).await);
    for (Submission { done, room, .. }, outcome) in submissions.into_iter().zip(outcomes) {
        // The caller may be gone, as a page that was left: the fact is stored all the same.
        let _ = done.send(outcome);
        drop(room);
    }
}

/// Memory that a fact takes while it waits.
fn bytes(row: &Row) -> u32 {
    u32::try_from(row.bytes()).unwrap_or(u32::MAX)
}

impl WriterTasks {
    /// Stores all that was handed over, takes no more, and ends.
    pub async fn finish(self) {
        self.shared.lock().close();
        self.starting.abort();
        self.shared.start_due();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
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
