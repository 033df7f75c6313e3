//! Deleting what is older than a year. Facts go where the database does not drop them by itself;
//! what was made of facts goes with them, on every edition.

mod recount;

use analytics_shared::edition::{self, Edition};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, TransactionTrait, raw_sql};

use super::{Store, StoreError};

/// A week of facts and what was made of them may take longer than other statements; whoever reads
/// an old chunk may not make everybody else wait behind us.
const TAKE_TIME: &str = "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '5s'";

/// What one run of the retention has deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Chunks of facts.
    pub chunks: usize,
    /// Rows of counts.
    pub counts: i64,
    /// Parts of visitor sets.
    pub parts: i64,
    /// Rows of the ledger of lifecycle facts.
    pub ledger: i64,
    /// Visitors who are in no set any more.
    pub visitors: i64,
}

impl Expired {
    /// Whether anything was deleted.
    #[must_use]
    pub fn is_something(&self) -> bool {
        *self != Self::default()
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

    /// Deletes what is older than a year, unless another replica is at it: facts in chunks, where
    /// the edition leaves that to us, and whatever hangs on facts that are gone.
    ///
    /// The caller may not drop the future: a transaction would stay open.
    ///
    /// # Errors
    /// When nothing was deleted.
    pub async fn expire(&self, edition: Edition) -> Result<Expired, StoreError> {
        let transaction = self.database.begin().await?;
        transaction.execute_unprepared(TAKE_TIME).await?;
        let mut expired = Expired::default();
        if is_ours_alone(&transaction).await? {
            if edition == Edition::Apache {
                let drop = raw_sql!(Postgres, "SELECT drop_expired_facts()");
                expired.chunks = transaction.query_all_raw(drop).await?.len();
            }
            let zone = self.default_timezone.name();
            let rollup = raw_sql!(Postgres, r"SELECT counts, parts FROM expire_rollup({zone})");
            if let Some(row) = transaction.query_one_raw(rollup).await? {
                expired.counts = row.try_get("", "counts")?;
                expired.parts = row.try_get("", "parts")?;
            }
            let people = raw_sql!(Postgres, "SELECT ledger, visitors FROM expire_people()");
            if let Some(row) = transaction.query_one_raw(people).await? {
                expired.ledger = row.try_get("", "ledger")?;
                expired.visitors = row.try_get("", "visitors")?;
            }
        }
        transaction.commit().await?;
        Ok(expired)
    }
}

async fn is_ours_alone(transaction: &DatabaseTransaction) -> Result<bool, DbErr> {
    let query = raw_sql!(
        Postgres,
        "SELECT pg_try_advisory_xact_lock(hashtext('analytics_service.retention')) AS ours"
    );
    match transaction.query_one_raw(query).await? {
        Some(row) => row.try_get("", "ours"),
        None => Ok(false),
    }
}
