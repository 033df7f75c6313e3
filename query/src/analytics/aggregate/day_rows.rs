//! Rollup rows by day, with the summary of each day.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::NaiveDate;
use rayon::prelude::*;

use super::{
    check_in_counter::CheckInCounter, hourly_counts::HourlyCounts, row_aggregate::group_by,
    source_aggregates::SourceAggregates, source_counts::SourceTable,
};
use crate::analytics::model::{DayTable, RollupRow, RowRef};

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
    pub table: DayTable,
    summary: OnceLock<Arc<DaySummary>>,
    hours: OnceLock<Arc<HourlyCounts>>,
    /// The check-ins of all facts of the day. Another check-in would give the day another version, and so other rows.
    check_ins: OnceLock<CheckInCounter>,
}

impl DayRows {
    pub fn new(mut table: DayTable) -> Self {
        table.shrink_to_fit();
        Self {
            table,
            summary: OnceLock::new(),
            hours: OnceLock::new(),
            check_ins: OnceLock::new(),
        }
    }

    /// Returns the summary of the day, which the first call computes.
    pub(super) fn summary(&self) -> &Arc<DaySummary> {
        self.summary
            .get_or_init(|| Arc::new(DaySummary::of(self.table.day, self.table.rows())))
    }

    /// Returns the counts by hour, which the first call computes.
    fn hours(&self) -> &Arc<HourlyCounts> {
        self.hours
            .get_or_init(|| Arc::new(HourlyCounts::of(self.table.rows())))
    }

    /// Returns the check-ins by the minute, if they are known.
    pub fn check_ins(&self) -> Option<&CheckInCounter> {
        self.check_ins.get()
    }

    /// Keeps the check-ins of all facts of the day, which the rows do not have by the minute.
    pub fn keep_check_ins(&self, check_ins: CheckInCounter) {
        self.check_ins.get_or_init(|| check_ins);
    }

    /// Returns the memory that a row takes in the day and its summary, in bytes.
    pub fn row_bytes(row: &RollupRow<'_>) -> usize {
        DayTable::ROW_BYTES + SourceTable::ENTRY_BYTES + row.heap_bytes()
    }

    /// Returns the memory of the day and its summary in bytes. The summary is assumed to have a source for each
    /// row, and all visitors and links in its total.
    pub fn bytes(&self) -> usize {
        let sources = self.table.rows().len() * SourceTable::ENTRY_BYTES;
        let summary = size_of::<DaySummary>() + sources + self.table.hash_bytes();
        let hours = self.hours.get().map_or(0, |_| size_of::<HourlyCounts>());
        let check_ins = self.check_ins.get().map_or(0, CheckInCounter::bytes);
        size_of::<Self>() + self.table.bytes() + summary + hours + check_ins
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
    pub(super) fn of<'a>(day: NaiveDate, rows: impl IntoIterator<Item = RowRef<'a>>) -> Self {
        let rows: Vec<_> = rows.into_iter().collect();
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
    pub fn all(&self) -> Vec<RowRef<'_>> {
        self.0.iter().flat_map(|day| day.table.rows()).collect()
    }

    /// Returns the rows of a day, if it has any.
    pub fn day(&self, date: NaiveDate) -> Option<&DayRows> {
        self.0
            .iter()
            .map(AsRef::as_ref)
            .find(|day| day.table.day == date)
    }

    /// Returns the days with their counts by hour.
    pub fn hours(&self) -> Vec<(NaiveDate, Arc<HourlyCounts>)> {
        let days = self.0.iter();
        days.map(|day| (day.table.day, Arc::clone(day.hours())))
            .collect()
    }

    /// Returns the summaries of the days, which are computed on all cores.
    pub(super) fn summaries(&self) -> Vec<Arc<DaySummary>> {
        let days = self.0.par_iter();
        days.map(|day| Arc::clone(day.summary())).collect()
    }
}

impl FromIterator<Arc<DayRows>> for RollupRows {
    fn from_iter<T: IntoIterator<Item = Arc<DayRows>>>(days: T) -> Self {
        Self(days.into_iter().collect())
    }
}

/// Returns the days of selected rows with their counts by hour.
pub fn hours_by_day(rows: &[RowRef<'_>]) -> Vec<(NaiveDate, Arc<HourlyCounts>)> {
    let days = group_by(rows.iter().copied(), RowRef::day).into_iter();
    days.map(|(day, rows)| (day, Arc::new(HourlyCounts::of(rows))))
        .collect()
}

/// Groups the rows of one event by day.
#[derive(Debug, Default)]
pub struct RollupRowsBuilder(BTreeMap<NaiveDate, DayTable>);

impl RollupRowsBuilder {
    pub fn push(&mut self, row: RollupRow<'_>) {
        let day = self.0.entry(row.day);
        day.or_insert_with_key(|day| DayTable::new(*day)).push(row);
    }

    pub fn build(self) -> RollupRows {
        let tables = self.0.into_values();
        tables.map(|table| Arc::new(DayRows::new(table))).collect()
    }
}

impl<'a> FromIterator<RollupRow<'a>> for RollupRows {
    fn from_iter<T: IntoIterator<Item = RollupRow<'a>>>(rows: T) -> Self {
        let mut builder = RollupRowsBuilder::default();
        rows.into_iter().for_each(|row| builder.push(row));
        builder.build()
    }
}
