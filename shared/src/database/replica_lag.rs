//! The delay of a streaming replica.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::pool::database_pool::DatabasePool;

/// Returns the delay of the replica in seconds; `None` on a primary.
///
/// # Errors
/// When the database is unavailable.
pub async fn replica_lag(database: &DatabasePool) -> Result<Option<f64>, DbErr> {
    let sql = include_str!("replica_lag.sql");
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = database.query_one_raw(statement).await?;
    row.map_or(Ok(None), |row| row.try_get_by_index(0))
}
