//! Deletion of what is older than a year: facts where the database does not drop them by itself, and
//! what was derived from them on every edition.

use analytics_shared::database::{
    self, Deleted,
    edition::{self, Edition},
};
use sea_orm::{ConnectionTrait, raw_sql};

use super::{Store, StoreError};

impl Store {
    /// The edition of TimescaleDB, which decides who deletes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn edition(&self) -> Result<Edition, StoreError> {
        Ok(edition::detect(&self.database).await?)
    }

    /// Returns the age at which TimescaleDB drops facts; `None` if no policy is scheduled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retention_policy(&self) -> Result<Option<String>, StoreError> {
        let policy = raw_sql!(
            Postgres,
            r"SELECT (config ->> 'drop_after')::INTERVAL::TEXT AS drop_after
              FROM timescaledb_information.jobs
              WHERE proc_name = 'policy_retention' AND scheduled
                AND hypertable_schema = 'analytics_service' AND hypertable_name = 'analytics_events'"
        );
        let row = self.database.query_one_raw(policy).await?;
        Ok(row.map(|row| row.try_get("", "drop_after")).transpose()?)
    }

    /// Deletes everything older than a year, unless another process is already doing so.
    ///
    /// The future must not be dropped before it completes: a transaction would stay open.
    ///
    /// # Errors
    /// When a statement fails; the next run deletes the rest.
    pub async fn delete_expired(&self, edition: Edition) -> Result<Deleted, StoreError> {
        let drop_facts = edition == Edition::Apache;
        let zone = self.default_timezone.name();
        let deleted = database::delete_expired(&self.database, zone, drop_facts).await?;
        Ok(deleted.unwrap_or_default())
    }
}
