//! Summaries of all events of an organization over a period.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::period::Period;
use chrono::NaiveDate;

use super::{
    daily_metrics::DailyMetrics, day_rows::DaySummary, event_summary::EventSummary,
    merge_cache::MergeCache, row_aggregate::Aggregate, source_aggregates::SourceAggregates,
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

/// Every day on which any event has facts, merged over the events. Days that have not changed are not merged
/// again.
#[derive(Clone, Debug, Default)]
pub struct MergedDays(BTreeMap<NaiveDate, MergedDay>);

#[derive(Clone, Debug)]
struct MergedDay {
    /// Ids of the merged summaries.
    parts: Vec<u64>,
    metrics: DailyMetrics,
}

impl MergedDays {
    /// Merges the days of `events`, which are in the same order as for `previous`.
    pub fn of(events: &[Arc<EventSummary>], previous: &Self) -> Self {
        let mut days = BTreeMap::<NaiveDate, Vec<&DaySummary>>::new();
        for day in events.iter().flat_map(|event| &event.days) {
            days.entry(day.day).or_default().push(day);
        }
        let merged = days.into_iter().map(|(date, days)| {
            let parts: Vec<u64> = days.iter().map(|day| day.id).collect();
            let known = previous.0.get(&date).filter(|known| known.parts == parts);
            let metrics = known.map_or_else(|| merge(date, &days), |known| known.metrics.clone());
            (date, MergedDay { parts, metrics })
        });
        Self(merged.collect())
    }

    /// Returns the metrics of every day of the period, days without facts included.
    pub fn by_day(&self, period: Period) -> Vec<DailyMetrics> {
        let of_day = |date| match self.0.get(&date) {
            Some(merged) => merged.metrics.clone(),
            None => DailyMetrics::of(date, None),
        };
        period.days().map(of_day).collect()
    }

    /// Returns the approximate memory in bytes.
    pub fn bytes(&self) -> usize {
        let days = self.0.values();
        days.map(|day| size_of::<MergedDay>() + size_of_val(&day.parts[..]))
            .sum()
    }
}

fn merge(date: NaiveDate, days: &[&DaySummary]) -> DailyMetrics {
    let totals: Vec<&Aggregate> = days.iter().map(|day| &day.aggregates.total).collect();
    let merged = Aggregate::merge(&totals, &[EventKind::View]);
    DailyMetrics::of(date, Some(&merged))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::analytics::{
        aggregate::day_rows::{DayRows, RollupRows},
        model::{DayTable, RollupRow},
    };

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of).unwrap()
    }

    /// A day of an event as it is read: one view of each visitor.
    fn rows(event: u128, of: u32, visitors: &[i64]) -> Arc<DayRows> {
        let row = RollupRow {
            day: day(of),
            event_id: Uuid::from_u128(event),
            count: visitors.len() as u64,
            visitors: visitors.to_vec(),
            ..RollupRow::blank("2026-11-01", EventKind::View)
        };
        let mut table = DayTable::new(day(of));
        table.push(row);
        Arc::new(DayRows::new(table))
    }

    fn event(id: u128, days: &[&Arc<DayRows>]) -> Arc<EventSummary> {
        let rows: RollupRows = days.iter().copied().map(Arc::clone).collect();
        EventSummary::of(Uuid::from_u128(id), &rows, None)
    }

    fn views(days: &MergedDays) -> Vec<(u64, u64)> {
        let each = days.by_day(Period::new(day(22), day(24)).unwrap());
        let views = each
            .iter()
            .map(|day| (day.counts.views, day.counts.unique_views));
        views.collect()
    }

    #[test]
    fn a_day_is_merged_again_when_an_event_has_another_and_else_is_not() {
        let (first, second) = (rows(1, 22, &[1, 2]), rows(1, 23, &[1]));
        let other = event(2, &[&rows(2, 22, &[2, 3]), &rows(2, 23, &[4])]);
        let before = [event(1, &[&first, &second]), Arc::clone(&other)];
        let mut known = MergedDays::of(&before, &MergedDays::default());
        assert_eq!(views(&known), [(4, 3), (2, 2), (0, 0)]);

        // Cached entries are marked by impossible counts.
        for merged in known.0.values_mut() {
            merged.metrics.counts.views = 100;
        }
        let changed = rows(1, 23, &[1, 4]);
        let after = [event(1, &[&first, &changed]), Arc::clone(&other)];
        let again = MergedDays::of(&after, &known);
        assert_eq!(views(&again), [(100, 3), (3, 2), (0, 0)]);
        let alone = MergedDays::of(&[other], &known);
        assert_eq!(views(&alone), [(2, 2), (1, 1), (0, 0)]);
    }
}
