//! Advisory locks, all of them held until the end of a transaction.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, raw_sql};
use uuid::Uuid;

/// Acquires the rollup locks of those `events` that no other transaction holds, and returns these.
///
/// # Errors
/// When the statement fails.
pub async fn try_lock_events(
    transaction: &DatabaseTransaction,
    mut events: Vec<Uuid>,
) -> Result<HashSet<Uuid>, DbErr> {
    events.sort_unstable();
    events.dedup();
    let lock = raw_sql!(
        Postgres,
        r"SELECT event_id FROM unnest({events}::UUID[]) AS event_id
          WHERE pg_try_advisory_xact_lock(rollup_lock_key(event_id))"
    );
    let acquired = transaction.query_all_raw(lock).await?;
    acquired
        .iter()
        .map(|row| row.try_get("", "event_id"))
        .collect()
}

/// Waits for the rollup lock of an event. To lock several, sort them first: two transactions with
/// different orders would deadlock.
///
/// # Errors
/// When the statement fails.
pub async fn lock_event(transaction: &DatabaseTransaction, event_id: Uuid) -> Result<(), DbErr> {
    let lock = raw_sql!(
        Postgres,
        r"SELECT pg_advisory_xact_lock(rollup_lock_key({event_id}))"
    );
    transaction.execute_raw(lock).await.map(drop)
}

/// Returns whether the transaction acquired the named lock, which one process holds at a time.
///
/// # Errors
/// When the statement fails.
pub async fn try_lock(transaction: &DatabaseTransaction, name: &str) -> Result<bool, DbErr> {
    let lock = raw_sql!(
        Postgres,
        r"SELECT pg_try_advisory_xact_lock(hashtext('analytics_service.' || {name})) AS acquired"
    );
    let row = transaction.query_one_raw(lock).await?;
    row.map_or(Ok(false), |row| row.try_get("", "acquired"))
}
