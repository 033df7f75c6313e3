//! Retention: deletes expired facts where TimescaleDB has no retention policy, and the expired days of rollup
//! and ledger on every edition.

use analytics_shared::database::{
    self, Deleted,
    edition::{self, Edition},
};
use sea_orm::{ConnectionTrait, raw_sql};

use super::{database::Store, error::StoreError};

impl Store {
    /// Returns the edition of TimescaleDB.
    pub async fn edition(&self) -> Result<Edition, StoreError> {
        let detecting = edition::detect(&self.database);
        self.availability.guard(detecting).await
    }

    /// Returns the age at which TimescaleDB drops facts; `None` if no policy is scheduled.
    pub async fn retention_policy(&self) -> Result<Option<String>, StoreError> {
        let policy = raw_sql!(
            Postgres,
            r"SELECT (config ->> 'drop_after')::INTERVAL::TEXT AS drop_after
              FROM timescaledb_information.jobs
              WHERE proc_name = 'policy_retention' AND scheduled
                AND hypertable_schema = 'analytics_service' AND hypertable_name = 'analytics_events'"
        );
        let reading = self.database.query_one_raw(policy);
        let row = self.availability.guard(reading).await?;
        Ok(row.map(|row| row.try_get("", "drop_after")).transpose()?)
    }

    /// Deletes expired rows, unless another process does.
    ///
    /// Not cancellation safe: a dropped future leaves a transaction open.
    pub async fn delete_expired(&self, edition: Edition) -> Result<Deleted, StoreError> {
        let drop_facts = edition == Edition::Apache;
        let zone = self.default_timezone.name();
        let deleted = database::delete_expired(&self.database, zone, drop_facts).await?;
        Ok(deleted.unwrap_or_default())
    }
}
