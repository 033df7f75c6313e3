//! Deletion of facts older than a year and of the rows derived from them, and of share links that expired long ago.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, raw_sql};

use super::{advisory_lock, pool::database_pool::DatabasePool};

/// Dropping a week of facts takes longer than other statements. Writers queue behind a waiting
/// `DROP`, so it gives up while a reader holds an old chunk.
const TIMEOUTS: &str = "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '5s'";
/// The maximum number of events per transaction, which holds a lock for each.
const MAX_EVENTS: i32 = 200;

/// The result of one retention run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Deleted {
    /// Chunks of `analytics_events`.
    #[sea_orm(skip)]
    pub chunks: usize,
    /// Rows of `event_rollup`.
    pub rollup_rows: i64,
    /// Rows of `lifecycle_ledger`.
    pub ledger_rows: i64,
    /// Rows of `shared_links`.
    pub shared_links: i64,
}

impl Deleted {
    /// Returns whether nothing was deleted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Deletes everything older than a year; the facts themselves only with `drop_facts`. Returns `None`
/// if another process is already doing so.
///
/// The future must not be dropped before it completes: a transaction would stay open.
///
/// # Errors
/// When a statement fails; the next run deletes the rest.
pub async fn delete_expired(
    database: &DatabasePool,
    default_timezone: &str,
    drop_facts: bool,
) -> Result<Option<Deleted>, DbErr> {
    let mut deleted = Deleted::default();
    let transaction = loop {
        let transaction = database.begin_with(TIMEOUTS).await?;
        if !advisory_lock::try_lock(&transaction, "retention").await? {
            transaction.commit().await?;
            return Ok(None);
        }
        if !drop_facts || !drop_oldest_expired_chunk(&transaction).await? {
            break transaction;
        }
        transaction.commit().await?;
        deleted.chunks += 1;
    };
    let ledger = raw_sql!(Postgres, "SELECT expire_ledger() AS rows");
    if let Some(row) = transaction.query_one_raw(ledger).await? {
        deleted.ledger_rows = row.try_get("", "rows")?;
    }
    let links = raw_sql!(Postgres, "SELECT expire_shared_links() AS rows");
    if let Some(row) = transaction.query_one_raw(links).await? {
        deleted.shared_links = row.try_get("", "rows")?;
    }
    transaction.commit().await?;
    deleted.rollup_rows = delete_expired_rollup(database, default_timezone).await?;
    Ok(Some(deleted))
}

/// Returns whether there was an expired chunk.
async fn drop_oldest_expired_chunk(transaction: &DatabaseTransaction) -> Result<bool, DbErr> {
    let drop = raw_sql!(Postgres, "SELECT drop_oldest_expired_chunk()");
    Ok(transaction.query_one_raw(drop).await?.is_some())
}

async fn delete_expired_rollup(
    database: &DatabasePool,
    default_timezone: &str,
) -> Result<i64, DbErr> {
    let mut rows = 0;
    loop {
        let transaction = database.begin_with(TIMEOUTS).await?;
        let expire = raw_sql!(
            Postgres,
            r"SELECT rows, events FROM expire_rollup({default_timezone}, {MAX_EVENTS})"
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
