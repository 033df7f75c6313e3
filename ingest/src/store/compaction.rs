//! Compaction of the rollup: batches append a row for each key that they touch, and rows of a key
//! are merged in the background. Readers see the same figures before and after.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement,
    TransactionTrait, Value,
};
use uuid::Uuid;

use super::{Store, StoreError, locks};

const CANDIDATES_APPENDED: &str = include_str!("compaction/candidates_appended.sql");
const CANDIDATES_ENDED: &str = include_str!("compaction/candidates_ended.sql");
const COMPACT: &str = include_str!("compaction/compact.sql");

/// Appended rows of a key that make it due.
pub const DUE_ROWS: i64 = 8;
/// Bytes of visitor hashes after which a transaction takes no further day.
const MAX_BYTES: i64 = 4 * 1024 * 1024;
/// Rows after which a transaction takes no further day.
const MAX_ROWS: i64 = 20_000;
/// A large day takes longer than other statements; a stalled one must not hold its locks for ever.
const TIMEOUTS: &str = "
    SET LOCAL statement_timeout = '60s';
    SET LOCAL idle_in_transaction_session_timeout = '60s'";
const RUN_LOCK: &str = "
    SELECT pg_try_advisory_xact_lock(hashtext('analytics_service.compaction')) AS acquired,
           NOW() AS now,
           (SELECT MIN(appended_at) FROM event_rollup WHERE level = 0) AS oldest_appended_at";

/// The rows that a run merges.
#[derive(Clone, Copy, Debug)]
pub enum Compaction {
    /// Keys of which at least [`DUE_ROWS`] rows have been appended, one of them since that time.
    Appended(DateTime<Utc>),
    /// All rows of days that are over, into one for each key.
    Ended,
}

/// The result of one transaction of compaction.
#[derive(Clone, Copy, Debug)]
pub struct Compacted {
    /// Start of the transaction, by the clock of the database.
    pub started_at: DateTime<Utc>,
    /// When the oldest row was appended that no compaction has merged.
    pub oldest_appended_at: Option<DateTime<Utc>>,
    /// Rows that were merged; 0 if nothing is left to do.
    pub merged: u64,
}

#[derive(FromQueryResult)]
struct Run {
    acquired: bool,
    now: DateTime<Utc>,
    oldest_appended_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct EventDay {
    tenant_id: Uuid,
    event_id: Uuid,
    day: NaiveDate,
}

impl Store {
    /// Merges some of the rows that are due, in one bounded transaction; `None` while another
    /// replica does. Events whose rollup is being changed otherwise are skipped.
    ///
    /// The future must not be dropped before it completes: its transaction would stay open.
    ///
    /// # Errors
    /// When nothing was changed.
    pub async fn compact(&self, compaction: Compaction) -> Result<Option<Compacted>, StoreError> {
        let transaction = self.database.begin().await?;
        transaction.execute_unprepared(TIMEOUTS).await?;
        let run = Run::find_by_statement(statement(RUN_LOCK, [])).one(&transaction);
        let Some(run) = run.await?.filter(|run| run.acquired) else {
            transaction.commit().await?;
            return Ok(None);
        };
        let candidates = compaction.candidates();
        let candidates = EventDay::find_by_statement(candidates).all(&transaction);
        let days = unlocked(&transaction, candidates.await?).await?;
        let merged = merge(&transaction, days, compaction).await?;
        transaction.commit().await?;
        Ok(Some(Compacted {
            started_at: run.now,
            oldest_appended_at: run.oldest_appended_at,
            merged,
        }))
    }
}

impl Compaction {
    fn candidates(self) -> Statement {
        let bounds = [MAX_BYTES.into(), MAX_ROWS.into()];
        match self {
            Self::Appended(since) => {
                let due = [since.into(), DUE_ROWS.into()];
                statement(CANDIDATES_APPENDED, due.into_iter().chain(bounds))
            }
            Self::Ended => statement(CANDIDATES_ENDED, bounds),
        }
    }
}

/// The days of those events whose locks could be acquired.
async fn unlocked(
    transaction: &DatabaseTransaction,
    days: Vec<EventDay>,
) -> Result<Vec<EventDay>, DbErr> {
    let events = days.iter().map(|day| day.event_id).collect();
    let acquired = locks::try_acquire(transaction, events).await?;
    let is_ours = |day: &EventDay| acquired.contains(&day.event_id);
    Ok(days.into_iter().filter(is_ours).collect())
}

async fn merge(
    transaction: &DatabaseTransaction,
    days: Vec<EventDay>,
    compaction: Compaction,
) -> Result<u64, DbErr> {
    if days.is_empty() {
        return Ok(0);
    }
    let tenants: Vec<Uuid> = days.iter().map(|day| day.tenant_id).collect();
    let events: Vec<Uuid> = days.iter().map(|day| day.event_id).collect();
    let dates: Vec<NaiveDate> = days.iter().map(|day| day.day).collect();
    let values = [
        tenants.into(),
        events.into(),
        dates.into(),
        DUE_ROWS.into(),
        matches!(compaction, Compaction::Ended).into(),
    ];
    let row = transaction
        .query_one_raw(statement(COMPACT, values))
        .await?;
    let merged: i64 = row.map_or(Ok(0), |row| row.try_get("", "merged"))?;
    Ok(merged.unsigned_abs())
}

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
