//! Deletion of what is older than a year: facts where the database does not drop them by itself, and
//! what was derived from them on every edition.

use analytics_shared::edition::{self, Edition};
use sea_orm::{ConnectionTrait, TransactionTrait, raw_sql};

use super::{Store, StoreError, locks};

/// A week of facts may take longer than other statements; a reader of an old chunk must not make
/// everybody else wait behind the lock.
const TIMEOUTS: &str = "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '5s'";
/// Events whose expired days one transaction deletes: it holds a lock for each.
const MAX_EVENTS: i32 = 200;

/// The result of one run of the retention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Chunks of facts.
    pub chunks: usize,
    /// Rows of the rollup.
    pub rollup_rows: i64,
    /// Rows of the ledger of lifecycle facts.
    pub ledger_rows: i64,
}

impl Expired {
    /// Whether nothing was deleted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Store {
    /// The edition of TimescaleDB, which decides who deletes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn edition(&self) -> Result<Edition, StoreError> {
        Ok(edition::of(&self.database).await?)
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

    /// Deletes what is older than a year, unless another replica does.
    ///
    /// The future must not be dropped before it completes: a transaction would stay open.
    ///
    /// # Errors
    /// When something could not be deleted; the next run does.
    pub async fn expire(&self, edition: Edition) -> Result<Expired, StoreError> {
        let mut expired = Expired::default();
        let transaction = self.database.begin().await?;
        transaction.execute_unprepared(TIMEOUTS).await?;
        if !locks::try_acquire_named(&transaction, "retention").await? {
            transaction.commit().await?;
            return Ok(expired);
        }
        if edition == Edition::Apache {
            let drop = raw_sql!(Postgres, "SELECT drop_expired_facts()");
            expired.chunks = transaction.query_all_raw(drop).await?.len();
        }
        let ledger = raw_sql!(Postgres, "SELECT expire_ledger() AS rows");
        if let Some(row) = transaction.query_one_raw(ledger).await? {
            expired.ledger_rows = row.try_get("", "rows")?;
        }
        transaction.commit().await?;
        expired.rollup_rows = self.expire_rollup().await?;
        Ok(expired)
    }

    async fn expire_rollup(&self) -> Result<i64, StoreError> {
        let zone = self.default_timezone.name();
        let mut rows = 0;
        loop {
            let transaction = self.database.begin().await?;
            transaction.execute_unprepared(TIMEOUTS).await?;
            let expire = raw_sql!(
                Postgres,
                r"SELECT rows, events FROM expire_rollup({zone}, {MAX_EVENTS})"
            );
            let row = transaction.query_one_raw(expire).await?;
            transaction.commit().await?;
            let Some(row) = row else { return Ok(rows) };
            rows += row.try_get::<i64>("", "rows")?;
            if row.try_get::<i64>("", "events")? < MAX_EVENTS.into() {
                return Ok(rows);
            }
        }
    }
}
