//! Counting one event anew under the lock of ADR 0003, in a transaction of its own, so that ingest
//! is held back only for as long as one event takes.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, TransactionTrait, raw_sql};

use super::{Session, events::Event};

/// Writers queue behind us while we wait for the lock, so we do not wait long.
const LOCK: &str = "
    SET LOCAL lock_timeout = '2s';
    LOCK TABLE event_daily, event_daily_visitors IN SHARE ROW EXCLUSIVE MODE;
    SET LOCAL lock_timeout = 0";
/// Time between two attempts at the lock.
const PAUSE: Duration = Duration::from_secs(1);
/// Attempts at the lock: somebody who keeps it for minutes is at work there.
const ATTEMPTS: u32 = 60;

impl Session {
    /// A transaction during which nobody counts.
    pub(super) async fn begin_alone(&self) -> Result<DatabaseTransaction, DbErr> {
        let mut attempt = 1;
        loop {
            let transaction = self.database.begin().await?;
            match transaction.execute_unprepared(LOCK).await {
                Ok(_) => return Ok(transaction),
                Err(error) if attempt == ATTEMPTS || !is_worth_another_try(&error) => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::debug!(%error, attempt, "the rollup is busy");
                    transaction.rollback().await?;
                    attempt += 1;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Counts an event anew from its facts.
    pub(super) async fn recount(&self, event: &Event) -> Result<(), DbErr> {
        let transaction = self.begin_alone().await?;
        self.recount_in(&transaction, event).await?;
        transaction.commit().await
    }

    /// The same, in a transaction of [`Session::begin_alone`].
    pub(super) async fn recount_in(
        &self,
        transaction: &DatabaseTransaction,
        event: &Event,
    ) -> Result<(), DbErr> {
        let (event_id, zone) = (event.event_id, self.default_zone);
        // recount_event clears only what belongs to tenants that have facts.
        for &tenant in &event.tenants {
            for clear in [
                raw_sql!(
                    Postgres,
                    r"DELETE FROM event_daily WHERE tenant_id = {tenant} AND event_id = {event_id}"
                ),
                raw_sql!(
                    Postgres,
                    r"DELETE FROM event_hourly WHERE tenant_id = {tenant} AND event_id = {event_id}"
                ),
                raw_sql!(
                    Postgres,
                    r"DELETE FROM event_daily_visitors WHERE tenant_id = {tenant} AND event_id = {event_id}"
                ),
                raw_sql!(
                    Postgres,
                    r"DELETE FROM event_day_versions WHERE tenant_id = {tenant} AND event_id = {event_id}"
                ),
            ] {
                transaction.execute_raw(clear).await?;
            }
        }
        let count = raw_sql!(Postgres, r"SELECT recount_event({event_id}, {zone})");
        transaction.execute_raw(count).await?;
        Ok(())
    }
}

/// Lock time-out or deadlock.
fn is_worth_another_try(error: &DbErr) -> bool {
    use analytics_shared::database::{Failure, failure};
    matches!(failure(error), Failure::Unavailable | Failure::Contended)
}
