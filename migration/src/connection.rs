//! Connections to the database.

use analytics_shared::{
    config::Pooler,
    database::{DatabasePool, SessionSettings},
};
use anyhow::Context;
use sea_orm_migration::sea_orm::ConnectOptions;

/// A pooler of any kind is assumed, so that the commands need no setting: their transactions are few, or long.
const POOLER: Pooler = Pooler::TransactionUnprepared;

/// Opens a pool of one connection.
///
/// # Errors
/// When the server cannot be reached or rejects the login.
pub async fn connect(url: &str, settings: SessionSettings) -> anyhow::Result<DatabasePool> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    let pool = DatabasePool::open(options, settings, POOLER).await;
    pool.context(
        "cannot connect to the database: check that it is running and DATABASE_URL is right",
    )
}
