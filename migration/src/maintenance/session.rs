//! The database session of a maintenance command.

use analytics_shared::database::{DatabasePool, SessionSettings};
use anyhow::{Context, ensure};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    Migrator, compatibility,
    connection::connect,
    upgrade::{SchemaState, begin_maintenance},
};

/// A connection to a database with the current schema, and the time zone of events without one.
pub struct Session {
    pub(super) database: DatabasePool,
    pub(super) default_timezone: &'static str,
    /// Holds the lock of the schema while the command runs.
    _lock: DatabaseTransaction,
}

impl Session {
    /// The connection.
    #[must_use]
    pub fn database(&self) -> &DatabasePool {
        &self.database
    }

    /// Connects, and waits for a schema change to end.
    ///
    /// # Errors
    /// When there is no connection, or the schema is not that of this program.
    pub async fn open(url: &str, default_timezone: &'static str) -> anyhow::Result<Self> {
        // The table of migrations is in the first schema of the login's search path.
        let login = connect(url, SessionSettings::default()).await?;
        let lock = begin_maintenance(&login)
            .await
            .context("cannot lock the schema")?;
        compatibility::ensure_current(&lock).await?;
        let state = SchemaState::read::<Migrator>(&lock).await;
        let state = state.context("cannot read the applied migrations")?;
        ensure!(
            state.pending.is_empty(),
            "the schema is older than this program: run `analytics-migration up` first"
        );
        if state.is_newer() {
            let unknown = state.unknown.join(", ");
            tracing::warn!(unknown, "the schema is newer than this program");
        }
        Ok(Self {
            database: connect(url, SessionSettings::of_maintenance()).await?,
            default_timezone,
            _lock: lock,
        })
    }

    /// Begins a transaction that changes or deletes facts. On the Community edition they may be in the
    /// columnstore, which rewrites whole batches of rows.
    pub(super) async fn begin_rewrite(&self) -> Result<DatabaseTransaction, DbErr> {
        self.database
            .begin_with("SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0")
            .await
    }
}
