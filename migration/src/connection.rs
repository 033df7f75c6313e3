//! Connections to the database.

use anyhow::Context;
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection};

/// Opens a pool of one connection, which is never replaced: a session lock belongs to it. Without
/// `search_path`, the connection has that of its login.
///
/// # Errors
/// When the server cannot be reached or rejects the login.
pub async fn connect(url: &str, search_path: Option<&str>) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false);
    if let Some(search_path) = search_path {
        options.set_schema_search_path(search_path);
    }
    Database::connect(options).await.context(
        "cannot connect to the database: check that it is running and DATABASE_URL is right",
    )
}
