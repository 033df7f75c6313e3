//! Summaries of one day, each computed once.

use std::sync::atomic::{AtomicU64, Ordering};

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
