//! Deleting facts older than a year, where the database does not do it by itself.

use analytics_shared::edition::{self, Edition};
use sea_orm::{ConnectionTrait, TransactionTrait, raw_sql};

use super::{Store, StoreError};

impl Store {
    /// The edition of TimescaleDB, which decides who deletes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn edition(&self) -> Result<Edition, StoreError> {
        Ok(edition::of(&self.database).await?)
    }

    /// Drops the chunks that are wholly older than a year, unless another replica is at it. Returns
    /// how many it dropped.
    ///
    /// The caller may not drop the future: a transaction would stay open.
    ///
    /// # Errors
    /// When nothing was dropped.
    pub async fn drop_expired(&self) -> Result<usize, StoreError> {
        let transaction = self.database.begin().await?;
        let query = raw_sql!(
            Postgres,
            r"SELECT drop_expired_facts() AS chunk
              WHERE pg_try_advisory_xact_lock(hashtext('analytics_service.retention'))"
        );
        let dropped = transaction.query_all_raw(query).await?;
        transaction.commit().await?;
        Ok(dropped.len())
    }
}
