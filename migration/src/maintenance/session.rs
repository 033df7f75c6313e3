//! The connection that a command works on.

use anyhow::{Context, ensure};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use sea_orm_migration::MigratorTrait;

use crate::{Migrator, compatibility};

/// Commands run beside one another, but never while the schema changes.
const LOCK: &str = "SELECT pg_advisory_lock_shared(hashtext('analytics_service.migration'))";

/// A database whose schema is of this program's version, and the zone of events that name none.
pub struct Session {
    pub(super) database: DatabaseConnection,
    pub(super) default_zone: &'static str,
}

impl Session {
    /// Connects, and waits while the schema changes.
    ///
    /// # Errors
    /// When the database does not answer, or its schema is of another version.
    pub async fn open(url: &str, default_zone: &'static str) -> anyhow::Result<Self> {
        let database = connect(url, Some("analytics_service,public")).await?;
        database
            .execute_unprepared(LOCK)
            .await
            .context("cannot lock the schema")?;
        // The list of changes is where the search path of the login leads.
        let login = connect(url, None).await?;
        compatibility::ensure_current(&login).await?;
        let missing = Migrator::get_pending_migrations(&login)
            .await
            .context("cannot ask for the version of the schema")?;
        ensure!(
            missing.is_empty(),
            "the schema is older than this program: run `analytics-migration up` first"
        );
        login.close().await.context("cannot end the connection")?;
        Ok(Self {
            database,
            default_zone,
        })
    }
}

/// One connection that stays: the lock belongs to it, and ends with it.
async fn connect(url: &str, search_path: Option<&str>) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false);
    if let Some(search_path) = search_path {
        options.set_schema_search_path(search_path);
    }
    Database::connect(options)
        .await
        .context("cannot connect to the database; is it running, and is the URL right?")
}
