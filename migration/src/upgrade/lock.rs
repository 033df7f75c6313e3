//! The advisory lock of the schema. Locks are held by transactions: those of sessions would stay behind in the server
//! connections of a pooler.

use analytics_shared::database::DatabasePool;
use sea_orm_migration::sea_orm::{DatabaseTransaction, DbErr};

/// A lock that is held for long has a connection of its own.
const KEEP: &str = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0";

/// Begins a transaction that changes the schema: two of them never run at the same time. It waits for maintenance
/// commands, but only `lock_timeout` for a table.
///
/// # Errors
/// When a statement fails.
pub async fn begin_schema_change(
    pool: &DatabasePool,
    lock_timeout: &str,
) -> Result<DatabaseTransaction, DbErr> {
    let settings = format!(
        "{KEEP}; SELECT pg_advisory_xact_lock(hashtext('analytics_service.migration'));
         SET LOCAL lock_timeout = '{lock_timeout}'"
    );
    pool.begin_with(&settings).await
}

/// Begins the transaction that holds the lock of a maintenance command: they run beside one another, but never during
/// a schema change.
///
/// # Errors
/// When a statement fails.
pub async fn begin_maintenance(pool: &DatabasePool) -> Result<DatabaseTransaction, DbErr> {
    let settings = format!(
        "{KEEP}; SELECT pg_advisory_xact_lock_shared(hashtext('analytics_service.migration'))"
    );
    pool.begin_with(&settings).await
}
