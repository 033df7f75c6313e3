//! Summaries of all events of an organization over a period.

use std::sync::Arc;

use analytics_shared::period::Period;

use super::{
    daily_metrics::DailyMetrics, event_summary::EventSummary, merge_cache::MergeCache,
    merged_days::MergedDays, source_aggregates::SourceAggregates,
};
use crate::analytics::model::EventKind;

/// The merged events of an organization; a visitor of two events counts once.
#[derive(Clone, Debug, Default)]
pub struct OrganizationSummary {
    pub aggregates: SourceAggregates,
    days: MergedDays,
    cache: MergeCache,
}

impl OrganizationSummary {
    /// Merges events. `previous` is an earlier summary of the same events; parts that have not changed
    /// since are not merged again.
    pub fn of(events: &[Arc<EventSummary>], previous: &Self) -> Self {
        let parts = events.iter().map(|event| (event.id, &event.aggregates));
        let parts: Vec<_> = parts.collect();
        let (aggregates, cache) = previous.cache.merge(&parts, &[EventKind::View]);
        Self {
            aggregates,
            days: MergedDays::of(events, &previous.days),
            cache,
        }
    }

    /// Returns the metrics of every day of the period, days without facts included.
    pub fn by_day(&self, period: Period) -> Vec<DailyMetrics> {
        self.days.by_day(period)
    }

    /// Returns the approximate memory in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.aggregates.bytes() + self.days.bytes() + self.cache.heap_bytes()
    }
}
