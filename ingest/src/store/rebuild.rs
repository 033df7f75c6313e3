//! Rebuilds of events whose time zone has changed, without blocking a batch.
//!
//! Registering commits the new zone with `rollup_timezone = NULL`. From then on new batches count in
//! the new zone, and readers use the facts. Batches that began before may still append rows in the
//! old zone, so the rebuild waits for all transactions that were writing to the rollup at that moment.
//! A process that restarts in between begins again with the wait.

use analytics_shared::database::advisory_lock;
use sea_orm::{ConnectionTrait, FromQueryResult, TransactionTrait, raw_sql};
use uuid::Uuid;

use super::{Store, StoreError};

/// Events that one round rebuilds at most.
const MAX_EVENTS: u64 = 100;
/// Waiting for a long transaction and rebuilding a large event take longer than other statements.
const NO_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";

/// An event that waits for a rebuild, with the version of its row in the registry.
#[derive(FromQueryResult)]
struct Pending {
    event_id: Uuid,
    xmin: String,
}

impl Store {
    /// Waits until this process registers an event whose days have to be rebuilt.
    pub async fn rebuild_requested(&self) {
        self.rebuild_requested.notified().await;
    }

    /// Rebuilds the events that wait for it, and returns how many there were.
    ///
    /// The future must not be dropped before it completes: a transaction would stay open.
    ///
    /// # Errors
    /// When an event could not be rebuilt; those before it are.
    pub async fn rebuild_pending(&self) -> Result<usize, StoreError> {
        let pending = raw_sql!(
            Postgres,
            r"SELECT event_id, xmin::TEXT AS xmin FROM tracked_events
              WHERE rollup_timezone IS NULL ORDER BY event_id LIMIT {MAX_EVENTS}"
        );
        let pending = Pending::find_by_statement(pending)
            .all(&self.database)
            .await?;
        if pending.is_empty() {
            return Ok(0);
        }
        let waiting = self.database.begin().await?;
        waiting.execute_unprepared(NO_TIMEOUT).await?;
        waiting
            .execute_unprepared("SELECT wait_for_rollup_writers()")
            .await?;
        waiting.commit().await?;
        let events = pending.len();
        for event in pending {
            self.rebuild(event).await?;
        }
        Ok(events)
    }

    async fn rebuild(&self, event: Pending) -> Result<(), StoreError> {
        let Pending { event_id, xmin } = event;
        let default_timezone = self.default_timezone.name();
        let transaction = self.database.begin().await?;
        transaction.execute_unprepared(NO_TIMEOUT).await?;
        advisory_lock::lock_event(&transaction, event_id).await?;
        // Another replica may have been faster.
        let rebuild = raw_sql!(
            Postgres,
            r"SELECT rebuild_event(
                  event_id,
                  ARRAY(SELECT DISTINCT tenant_id FROM event_day_versions day
                        WHERE day.event_id = event.event_id),
                  {xmin}, {default_timezone})
              FROM tracked_events event
              WHERE event_id = {event_id} AND rollup_timezone IS NULL"
        );
        transaction.execute_raw(rebuild).await?;
        transaction.commit().await?;
        Ok(())
    }
}
