//! The database session of a maintenance command.

use anyhow::{Context, ensure};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use sea_orm_migration::MigratorTrait;

use crate::{Migrator, compatibility, connection::connect};

/// Maintenance commands run beside one another, but never during a schema change.
const LOCK: &str = "SELECT pg_advisory_lock_shared(hashtext('analytics_service.migration'))";

/// A connection to a database with the current schema, and the time zone of events without one.
pub struct Session {
    pub(super) database: DatabaseConnection,
    pub(super) default_timezone: &'static str,
}

impl Session {
    /// The connection.
    #[must_use]
    pub fn database(&self) -> &DatabaseConnection {
        &self.database
    }

    /// Connects, and waits for a schema change to end.
    ///
    /// # Errors
    /// When there is no connection, or the schema is not that of this program.
    pub async fn open(url: &str, default_timezone: &'static str) -> anyhow::Result<Self> {
        let database = connect(url, Some("analytics_service,public")).await?;
        database
            .execute_unprepared(LOCK)
            .await
            .context("cannot lock the schema")?;
        // The table of migrations is in the first schema of the login's search path.
        let login = connect(url, None).await?;
        compatibility::ensure_current(&login).await?;
        let pending = Migrator::get_pending_migrations(&login)
            .await
            .context("cannot read the applied migrations")?;
        ensure!(
            pending.is_empty(),
            "the schema is older than this program: run `analytics-migration up` first"
        );
        login.close().await.context("cannot close the connection")?;
        Ok(Self {
            database,
            default_timezone,
        })
    }

    /// Begins a transaction that changes or deletes facts. On the Community edition they may be in the
    /// columnstore, which rewrites whole batches of rows.
    pub(super) async fn begin_rewrite(&self) -> Result<DatabaseTransaction, DbErr> {
        let transaction = self.database.begin().await?;
        transaction
            .execute_unprepared(
                "SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0",
            )
            .await?;
        Ok(transaction)
    }
}
