//! Compaction of the rollup: merges the rows that batches append for each key. Readers see the same
//! figures before and after.

use analytics_shared::database::advisory_lock;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use super::{
    database::{Store, statement},
    error::StoreError,
};

const CANDIDATES_APPENDED: &str = include_str!("compaction/candidates_appended.sql");
const CANDIDATES_ENDED: &str = include_str!("compaction/candidates_ended.sql");
const COMPACT: &str = include_str!("compaction/compact.sql");

/// The number of appended rows at which a key is due.
const DUE_ROWS: i64 = 8;
/// The approximate number of rows of ended days that one run seals.
const MAX_SEALED_ROWS: i64 = 100_000;
/// The most bytes of visitor hashes that one transaction rewrites, unless a single day has more.
const MAX_BYTES: i64 = 4 * 1024 * 1024;
/// The most rows that one transaction merges, unless a single day has more.
const MAX_ROWS: i64 = 20_000;
/// A large day exceeds the usual time-out; a stalled transaction must not hold its locks for ever.
const TIMEOUTS: &str = "
    SET LOCAL statement_timeout = '60s';
    SET LOCAL idle_in_transaction_session_timeout = '60s'";
const STARTED: &str = "
    SELECT NOW() AS started_at,
           (SELECT MIN(appended_at) FROM event_rollup WHERE level = 0) AS oldest_appended_at";

/// The rows that a run merges.
#[derive(Clone, Copy, Debug)]
pub enum Compaction {
    /// Keys with at least [`DUE_ROWS`] appended rows, one of them appended since this time.
    Appended(DateTime<Utc>),
    /// All rows of ended days, into one per key.
    Ended,
}

/// The rows to merge in one run.
#[derive(Debug)]
pub struct CompactionPlan {
    started: Started,
    /// Whether rows were skipped: another replica began to compact, or an event was locked.
    pub is_incomplete: bool,
    compaction: Compaction,
    days: Vec<EventDay>,
}

#[derive(Debug, FromQueryResult)]
struct Started {
    started_at: DateTime<Utc>,
    /// The append time of the oldest row that is not compacted.
    oldest_appended_at: Option<DateTime<Utc>>,
}

/// A day of an event that has rows to merge.
#[derive(Clone, Debug, FromQueryResult)]
struct EventDay {
    tenant_id: Uuid,
    event_id: Uuid,
    day: NaiveDate,
    rows: i64,
    bytes: i64,
}

impl CompactionPlan {
    /// Start of the run, by the clock of the database.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started.started_at
    }

    /// The age of the oldest row that is not compacted; 0 if there is none.
    pub fn oldest_uncompacted_age(&self) -> TimeDelta {
        let oldest = self.started.oldest_appended_at;
        oldest.map_or(TimeDelta::zero(), |oldest| self.started_at() - oldest)
    }

    /// Removes the days of the next transaction; `None` if none is left.
    fn next(&mut self) -> Option<Vec<EventDay>> {
        let (mut rows, mut bytes) = (0, 0);
        let fits = |day: &EventDay| {
            let is_first = rows == 0;
            rows += day.rows;
            bytes += day.bytes;
            is_first || (rows <= MAX_ROWS && bytes <= MAX_BYTES)
        };
        let days: Vec<EventDay> = self.days.iter().cloned().take_while(fits).collect();
        self.days.drain(..days.len());
        Some(days).filter(|days| !days.is_empty())
    }
}

impl Store {
    /// Finds the rows that are due; `None` while another replica compacts.
    ///
    /// Not cancellation safe: a dropped future leaves a transaction open.
    pub async fn plan_compaction(
        &self,
        compaction: Compaction,
    ) -> Result<Option<CompactionPlan>, StoreError> {
        let Some(transaction) = self.begin_compaction().await? else {
            return Ok(None);
        };
        let started = Started::find_by_statement(statement(STARTED, [])).one(&transaction);
        let days = EventDay::find_by_statement(compaction.candidates());
        let (started, days) = (started.await?, days.all(&transaction).await?);
        transaction.commit().await?;
        Ok(started.map(|started| CompactionPlan {
            started,
            is_incomplete: false,
            compaction,
            days,
        }))
    }

    /// Merges the next rows of `plan` in one bounded transaction, and returns their number; `None` if
    /// none is left, or another replica compacts. Skips events whose rollup lock is taken. Skipped rows
    /// make the plan incomplete.
    ///
    /// Not cancellation safe: a dropped future leaves a transaction open.
    pub async fn compact(&self, plan: &mut CompactionPlan) -> Result<Option<u64>, StoreError> {
        let Some(mut days) = plan.next() else {
            return Ok(None);
        };
        let Some(transaction) = self.begin_compaction().await? else {
            plan.is_incomplete = true;
            return Ok(None);
        };
        let planned = days.len();
        let events = days.iter().map(|day| day.event_id).collect();
        let locked = advisory_lock::try_lock_events(&transaction, events).await?;
        days.retain(|day| locked.contains(&day.event_id));
        plan.is_incomplete |= days.len() < planned;
        let merged = merge(&transaction, &days, plan.compaction).await?;
        transaction.commit().await?;
        Ok(Some(merged))
    }

    /// Begins a transaction that holds the compaction lock; `None` if another replica holds it.
    async fn begin_compaction(&self) -> Result<Option<DatabaseTransaction>, StoreError> {
        let transaction = self.database.begin_with(TIMEOUTS).await?;
        if advisory_lock::try_lock(&transaction, "compaction").await? {
            return Ok(Some(transaction));
        }
        transaction.commit().await?;
        Ok(None)
    }
}

impl Compaction {
    fn candidates(self) -> Statement {
        match self {
            Self::Appended(since) => {
                statement(CANDIDATES_APPENDED, [since.into(), DUE_ROWS.into()])
            }
            Self::Ended => statement(CANDIDATES_ENDED, [MAX_SEALED_ROWS.into()]),
        }
    }
}

async fn merge(
    transaction: &DatabaseTransaction,
    days: &[EventDay],
    compaction: Compaction,
) -> Result<u64, DbErr> {
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
