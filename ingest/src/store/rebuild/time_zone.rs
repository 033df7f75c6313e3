//! Rebuilds of events whose time zone has changed, without blocking a batch.
//!
//! Registering an event commits the new zone with `rollup_timezone = NULL`. From then on batches count
//! in the new zone, and readers use the raw facts. A batch that began before may still append rows in
//! the old zone, so the rebuild first waits for all transactions that were writing to the rollup at
//! that moment. After a restart the procedure resumes with this wait.

use analytics_shared::database::advisory_lock;
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::store::{database::Store, error::StoreError};

/// The most events that one round rebuilds.
const MAX_EVENTS: u64 = 100;
/// Waiting for a long transaction and rebuilding a large event exceed the usual time-out.
const NO_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";

/// An event to rebuild, with the version of its registry row.
#[derive(FromQueryResult)]
struct PendingRebuild {
    event_id: Uuid,
    xmin: String,
}

impl Store {
    /// Waits until this process registers an event that needs a rebuild.
    pub async fn rebuild_requested(&self) {
        self.rebuild_requested.notified().await;
    }

    /// Rebuilds the events that need it, and returns their number. If one fails, those before it are
    /// rebuilt.
    ///
    /// Not cancellation safe: a dropped future leaves a transaction open.
    pub async fn rebuild_pending(&self) -> Result<usize, StoreError> {
        let pending = raw_sql!(
            Postgres,
            r"SELECT event_id, xmin::TEXT AS xmin FROM tracked_events
              WHERE rollup_timezone IS NULL ORDER BY event_id LIMIT {MAX_EVENTS}"
        );
        let pending = PendingRebuild::find_by_statement(pending)
            .all(&self.database)
            .await?;
        if pending.is_empty() {
            return Ok(0);
        }
        let fence = self.database.begin_with(NO_TIMEOUT).await?;
        fence
            .execute_unprepared("SELECT wait_for_rollup_writers()")
            .await?;
        fence.commit().await?;
        let events = pending.len();
        for event in pending {
            self.rebuild(event).await?;
        }
        Ok(events)
    }

    async fn rebuild(&self, event: PendingRebuild) -> Result<(), StoreError> {
        let PendingRebuild { event_id, xmin } = event;
        let default_timezone = self.default_timezone.name();
        let transaction = self.database.begin_with(NO_TIMEOUT).await?;
        advisory_lock::lock_event(&transaction, event_id).await?;
        // Another replica may have rebuilt it while this one waited for the lock.
        let rebuild = raw_sql!(
            Postgres,
            r"SELECT rebuild_event(event_id, ARRAY[tenant_id], {xmin}, {default_timezone})
              FROM tracked_events
              WHERE event_id = {event_id} AND rollup_timezone IS NULL"
        );
        transaction.execute_raw(rebuild).await?;
        transaction.commit().await?;
        Ok(())
    }
}
