//! Summaries of one event over a period: the input of dashboard, funnel, live metrics, and of the
//! report of its organization.

use std::sync::{Arc, OnceLock};

use analytics_shared::period::Period;
use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    conversion::Conversion,
    daily_metrics::DailyMetrics,
    day_rows::{DaySummary, RollupRows, next_summary_id},
    merge_cache::MergeCache,
    row_aggregate::group_by,
    source_aggregates::SourceAggregates,
};
use crate::analytics::model::{EventKind, RowRef};

/// The summary of an event over a period.
#[derive(Clone, Debug)]
pub struct EventSummary {
    pub(super) id: u64,
    pub event_id: Uuid,
    /// Days with facts, in order.
    pub(super) days: Vec<Arc<DaySummary>>,
    pub aggregates: SourceAggregates,
    conversion: OnceLock<Arc<Conversion>>,
    cache: MergeCache,
}

impl EventSummary {
    /// Summarizes the rows of an event. `previous` is an earlier summary of the same days; parts that have
    /// not changed since are not merged again. It is returned itself if none has.
    pub fn of(event_id: Uuid, rows: &RollupRows, previous: Option<&Arc<Self>>) -> Arc<Self> {
        let days = rows.summaries();
        if let Some(previous) = previous
            && ids(&previous.days).eq(ids(&days))
        {
            return Arc::clone(previous);
        }
        let previous = previous.map(AsRef::as_ref);
        Arc::new(Self::merge(event_id, days, previous))
    }

    /// Summarizes selected rows of an event.
    pub fn of_rows(event_id: Uuid, rows: &[RowRef<'_>]) -> Self {
        let days = group_by(rows.iter().copied(), RowRef::day).into_iter();
        let days = days.map(|(day, rows)| Arc::new(DaySummary::of(day, rows)));
        Self::merge(event_id, days.collect(), None)
    }

    fn merge(event_id: Uuid, days: Vec<Arc<DaySummary>>, previous: Option<&Self>) -> Self {
        let parts: Vec<_> = days.iter().map(|day| (day.id, &day.aggregates)).collect();
        let cache = previous.map_or_else(MergeCache::default, |previous| previous.cache.clone());
        let (aggregates, cache) = cache.merge(&parts, &EventKind::FUNNEL);
        Self {
            id: next_summary_id(),
            event_id,
            days,
            aggregates,
            conversion: OnceLock::new(),
            cache,
        }
    }

    /// Returns the conversion by source, which the first call computes.
    pub fn conversion(&self) -> &Arc<Conversion> {
        self.conversion.get_or_init(|| {
            let total = &self.aggregates.total;
            let registered = total.visitor_set(EventKind::Completed);
            Arc::new(Conversion::of(&self.aggregates, registered, total.links()))
        })
    }

    /// Returns the days with facts, in order.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> {
        self.days.iter().map(|day| day.day)
    }

    pub fn day(&self, date: NaiveDate) -> DailyMetrics {
        let found = self.days.binary_search_by_key(&date, |day| day.day);
        let total = found.ok().map(|at| &self.days[at].aggregates.total);
        DailyMetrics::of(date, total)
    }

    /// Returns the metrics of every day of the period, days without facts included.
    pub fn by_day(&self, period: Period) -> Vec<DailyMetrics> {
        period.days().map(|date| self.day(date)).collect()
    }

    /// Returns the approximate memory in bytes, without the days.
    pub fn bytes(&self) -> usize {
        let days = size_of_val(&self.days[..]);
        // Computed later; at most all registrations, once for each source.
        let conversion = self
            .conversion
            .get()
            .map_or(0, |conversion| conversion.bytes());
        size_of::<Self>() + days + self.aggregates.bytes() + conversion + self.cache.heap_bytes()
    }
}

fn ids(days: &[Arc<DaySummary>]) -> impl Iterator<Item = u64> {
    days.iter().map(|day| day.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{aggregate::row_aggregate::Aggregate, model::RollupRow};

    fn row(day: &str, source: &'static str, visitors: &[i64]) -> RollupRow<'static> {
        RollupRow {
            source: source.into(),
            count: visitors.len() as u64,
            visitors: visitors.to_vec(),
            ..RollupRow::blank(day, EventKind::View)
        }
    }

    #[test]
    fn days_and_sources_are_summed_up_and_people_counted_once() {
        let rows = [
            row("2026-11-22", "direct", &[1, 2]),
            row("2026-11-22", "newsletter", &[2, 3]),
            row("2026-11-24", "direct", &[3, 4]),
        ];
        let rows: RollupRows = rows.into_iter().collect();
        let summary = EventSummary::of_rows(Uuid::nil(), &rows.all());
        let views = |aggregate: &Aggregate| {
            (
                aggregate.count(EventKind::View),
                aggregate.visitors(EventKind::View),
            )
        };
        assert_eq!(views(&summary.aggregates.total), (6, 4));
        let day = |day: &str| day.parse::<NaiveDate>().unwrap();
        let period = Period::new(day("2026-11-22"), day("2026-11-24")).unwrap();
        let days = summary.by_day(period);
        let days = days
            .iter()
            .map(|day| (day.counts.views, day.counts.unique_views));
        assert!(days.eq([(4, 3), (0, 0), (2, 2)]));
        let sources = summary.aggregates.by_source.iter();
        let sources: Vec<_> = sources
            .map(|(_, counts)| (counts.views, counts.visitors.len()))
            .collect();
        assert_eq!(sources, [(4, 4), (2, 2)]);
    }
}
