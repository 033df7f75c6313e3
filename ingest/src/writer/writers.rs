//! The writers: start batches as facts are submitted and batches commit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot},
    task::{JoinHandle, unconstrained},
};
use tokio_util::task::TaskTracker;

use super::{
    commit_spans::Origin,
    insert::{Submission, insert_batch},
    outcome::Outcome,
    queue::{Queue, Taken},
};
use crate::{
    config::WriterConfig,
    metrics,
    store::{database::Store, fact_row::FactRow},
};

/// The number of connections that batches leave to look-ups and maintenance.
const RESERVED_CONNECTIONS: u32 = 2;

/// Submits facts.
#[derive(Clone)]
pub struct Writers {
    shared: Arc<Shared>,
    /// The memory of facts that may wait, in bytes.
    memory_budget: Arc<Semaphore>,
}

struct Shared {
    queue: Mutex<Queue<Submission>>,
    /// Wakes the task that starts batches.
    submitted: Notify,
    store: Store,
    tasks: TaskTracker,
}

/// The write buffer is full.
#[derive(Debug)]
pub struct BufferFull;

/// The tasks of the writers, which are stopped last.
pub struct WriterTasks {
    shared: Arc<Shared>,
    starting: JoinHandle<()>,
}

impl Writers {
    /// Starts the writers. Batches use all connections of the pool but [`RESERVED_CONNECTIONS`].
    pub fn start(config: &WriterConfig, connections: u32, store: &Store) -> (Self, WriterTasks) {
        let max_batches = connections.saturating_sub(RESERVED_CONNECTIONS).max(1);
        let max_batches = usize::try_from(max_batches).unwrap_or(usize::MAX);
        let max_rows = usize::try_from(config.batch_max_rows).unwrap_or(usize::MAX);
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(max_batches, max_rows)),
            submitted: Notify::new(),
            store: store.clone(),
            tasks: TaskTracker::new(),
        });
        let tasks = WriterTasks {
            shared: Arc::clone(&shared),
            starting: tokio::spawn(Arc::clone(&shared).start_batches()),
        };
        let memory_budget = Arc::new(Semaphore::new(config.write_buffer_bytes()));
        let writers = Self {
            shared,
            memory_budget,
        };
        (writers, tasks)
    }

    /// Submits a fact if the write buffer has room; the receiver gets its outcome.
    pub fn try_submit(
        &self,
        row: Arc<FactRow>,
        span: Origin,
    ) -> Result<oneshot::Receiver<Outcome>, BufferFull> {
        let budget = Arc::clone(&self.memory_budget);
        let memory = budget.try_acquire_many_owned(bytes(&row));
        Ok(self.enqueue(row, span, memory.map_err(|_| BufferFull)?))
    }

    /// Submits a fact once the write buffer has room; the receiver gets its outcome.
    pub async fn submit(&self, row: Arc<FactRow>, span: Origin) -> oneshot::Receiver<Outcome> {
        let budget = Arc::clone(&self.memory_budget);
        // Does not yield if there is room, so that the facts of a caller share a batch.
        let memory = unconstrained(budget.acquire_many_owned(bytes(&row))).await;
        let Ok(memory) = memory else {
            // Unreachable; a closed receiver reports Unavailable.
            return oneshot::channel().1;
        };
        self.enqueue(row, span, memory)
    }

    fn enqueue(
        &self,
        row: Arc<FactRow>,
        span: Origin,
        memory: OwnedSemaphorePermit,
    ) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        let key = row.event_id.unwrap_or(row.id);
        // A closed queue drops the submission, and the receiver reports Unavailable.
        let submission = Submission {
            row,
            span,
            done,
            memory,
        };
        self.shared.lock().push(key, submission);
        self.shared.submitted.notify_one();
        outcome
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue<Submission>> {
        // No code that can panic runs while it is locked.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts batches as facts are submitted: in a task of its own, which runs when the submitting task
    /// yields, so that the facts of that task share a batch.
    async fn start_batches(self: Arc<Self>) {
        loop {
            self.submitted.notified().await;
            self.start_due();
        }
    }

    fn start_due(self: &Arc<Self>) {
        loop {
            // The lock is released before the batch is spawned.
            let batch = self.lock().take();
            let Some(batch) = batch else { return };
            self.tasks.spawn(Arc::clone(self).write(batch));
        }
    }

    /// Inserts a batch, and starts those that are due then.
    async fn write(self: Arc<Self>, batch: Taken<Submission>) {
        let Taken { items, lanes } = batch;
        let number = items.len();
        insert_batch(&self.store, items).await;
        let waiting = {
            let mut queue = self.lock();
            queue.written(number, &lanes);
            queue.len()
        };
        metrics::facts_waiting(waiting);
        self.start_due();
    }
}

impl WriterTasks {
    /// The number of facts that were submitted and have no outcome.
    pub fn unsettled(&self) -> usize {
        self.shared.lock().unsettled()
    }

    /// Rejects further facts, and inserts all that were submitted.
    pub async fn finish(&self) {
        self.shared.lock().close();
        self.starting.abort();
        self.shared.start_due();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

/// The memory of a waiting fact, in bytes.
fn bytes(row: &FactRow) -> u32 {
    u32::try_from(row.bytes()).unwrap_or(u32::MAX)
}
