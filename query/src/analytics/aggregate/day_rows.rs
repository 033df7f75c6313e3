//! Rollup rows by day, with the summary of each day.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::NaiveDate;

use super::source_aggregates::SourceAggregates;
use crate::analytics::model::RollupRow;

/// The id of the next summary.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// Returns an id for a summary, unique in the process: caches of merged summaries compare ids
/// instead of contents.
pub(super) fn next_summary_id() -> u64 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

/// The rows of one event and day.
#[derive(Debug)]
pub struct DayRows {
    pub day: NaiveDate,
    pub rows: Vec<RollupRow>,
    summary: OnceLock<Arc<DaySummary>>,
}

impl DayRows {
    pub fn new(day: NaiveDate, rows: Vec<RollupRow>) -> Self {
        let summary = OnceLock::new();
        Self { day, rows, summary }
    }

    /// Returns the summary of the day, which the first call computes.
    pub(super) fn summary(&self) -> &Arc<DaySummary> {
        self.summary
            .get_or_init(|| Arc::new(DaySummary::of(self.day, &self.rows)))
    }

    /// Returns the approximate memory of the day and its summary, in bytes.
    pub fn bytes(&self) -> usize {
        let rows: usize = self.rows.iter().map(RollupRow::bytes).sum();
        let visitors = self.rows.iter().map(|row| row.visitors.heap_bytes());
        size_of::<Self>() + rows + size_of::<DaySummary>() + visitors.sum::<usize>()
    }
}

/// The summary of one event and day.
#[derive(Debug)]
pub struct DaySummary {
    /// Id of the summary.
    pub(super) id: u64,
    pub(super) day: NaiveDate,
    /// Aggregates of the day.
    pub(super) aggregates: SourceAggregates,
}

impl DaySummary {
    /// Summarizes the rows of a day.
    pub(super) fn of<'a>(day: NaiveDate, rows: impl IntoIterator<Item = &'a RollupRow>) -> Self {
        let rows: Vec<&RollupRow> = rows.into_iter().collect();
        Self {
            id: next_summary_id(),
            day,
            aggregates: SourceAggregates::of(&rows),
        }
    }
}

/// The rows of one event over several days.
#[derive(Clone, Debug, Default)]
pub struct RollupRows(Vec<Arc<DayRows>>);

impl RollupRows {
    /// Groups rows of one event by day.
    pub fn by_day(rows: Vec<RollupRow>) -> Self {
        let mut days = BTreeMap::<NaiveDate, Vec<RollupRow>>::new();
        for row in rows {
            days.entry(row.day).or_default().push(row);
        }
        let days = days.into_iter();
        days.map(|(day, rows)| Arc::new(DayRows::new(day, rows)))
            .collect()
    }

    pub fn all(&self) -> Vec<&RollupRow> {
        self.0.iter().flat_map(|day| &day.rows).collect()
    }

    /// Returns the summaries of the days.
    pub(super) fn summaries(&self) -> Vec<Arc<DaySummary>> {
        self.0.iter().map(|day| Arc::clone(day.summary())).collect()
    }
}

impl FromIterator<Arc<DayRows>> for RollupRows {
    fn from_iter<T: IntoIterator<Item = Arc<DayRows>>>(days: T) -> Self {
        Self(days.into_iter().collect())
    }
}
