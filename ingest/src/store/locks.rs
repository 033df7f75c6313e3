//! Advisory locks, all of them held until the end of a transaction.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Acquired {
    event_id: Uuid,
}

/// Acquires the locks of the rollup of those `events` that nobody else holds, and returns these.
///
/// # Errors
/// When the database fails.
pub async fn try_acquire(
    transaction: &DatabaseTransaction,
    mut events: Vec<Uuid>,
) -> Result<HashSet<Uuid>, DbErr> {
    events.sort_unstable();
    events.dedup();
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT event_id FROM unnest($1::UUID[]) AS event_id
         WHERE pg_try_advisory_xact_lock(rollup_lock_key(event_id))",
        [events.into()],
    );
    let acquired = Acquired::find_by_statement(statement).all(transaction);
    Ok(acquired
        .await?
        .into_iter()
        .map(|lock| lock.event_id)
        .collect())
}

/// Waits for the lock of the rollup of an event.
///
/// # Errors
/// When the database fails.
pub async fn acquire(transaction: &DatabaseTransaction, event_id: Uuid) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_advisory_xact_lock(rollup_lock_key($1))",
        [event_id.into()],
    );
    transaction.execute_raw(statement).await.map(drop)
}

/// Whether the transaction got the lock of that name, which one replica holds at a time.
///
/// # Errors
/// When the database fails.
pub async fn try_acquire_named(
    transaction: &DatabaseTransaction,
    name: &str,
) -> Result<bool, DbErr> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_try_advisory_xact_lock(hashtext('analytics_service.' || $1)) AS acquired",
        [name.into()],
    );
    match transaction.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "acquired"),
        None => Ok(false),
    }
}
