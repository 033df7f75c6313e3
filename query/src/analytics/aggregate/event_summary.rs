//! One event over a period, summed up: dashboard, funnel, live figures and the report of its
//! organization are made from this.

use std::sync::Arc;

use analytics_shared::period::Period;
use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    DayFigures, DaySummary, Kind, Row, Rows, Tally,
    day_summary::{Sums, next_number},
    days::figures_of,
    merge_cache::MergeCache,
    tally::grouped,
};

/// An event over a period.
#[derive(Clone, Debug)]
pub struct EventSummary {
    number: u64,
    event_id: Uuid,
    /// In order; days without facts are missing.
    days: Vec<Arc<DaySummary>>,
    sums: Sums,
    cache: MergeCache,
}

impl EventSummary {
    /// Sums up the rows of one event. `before` is the summary of the same days before a change.
    #[must_use]
    pub fn of(event_id: Uuid, rows: &Rows, before: Option<&Self>) -> Self {
        Self::merge(event_id, rows.summaries(), before)
    }

    /// Sums up some of the rows of one event.
    #[must_use]
    pub fn of_rows(event_id: Uuid, rows: &[&Row]) -> Self {
        let days = grouped(rows.iter().copied(), |row| row.day).into_iter();
        let days = days.map(|(day, rows)| Arc::new(DaySummary::of(day, rows)));
        Self::merge(event_id, days.collect(), None)
    }

    fn merge(event_id: Uuid, days: Vec<Arc<DaySummary>>, before: Option<&Self>) -> Self {
        let parts: Vec<_> = days.iter().map(|day| (day.number(), day.sums())).collect();
        let cache = before.map_or_else(MergeCache::default, |before| before.cache.clone());
        let (sums, cache) = cache.merge(&parts, &Kind::VISITED);
        Self {
            number: next_number(),
            event_id,
            days,
            sums,
            cache,
        }
    }

    /// The event.
    #[must_use]
    pub fn event_id(&self) -> Uuid {
        self.event_id
    }

    /// The days with facts, in order.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> {
        self.days.iter().map(|day| day.day())
    }

    /// Every day of the period, also those on which nothing happened.
    #[must_use]
    pub fn by_day(&self, period: Period) -> Vec<DayFigures> {
        let mut days = self.days.iter().peekable();
        let figures = period.days().map(|date| {
            while days.next_if(|day| day.day() < date).is_some() {}
            match days.next_if(|day| day.day() == date) {
                Some(day) => day.figures(),
                None => figures_of(date, &Tally::default()),
            }
        });
        figures.collect()
    }

    /// Memory that it takes, about, beside its days.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let days = size_of_val(&self.days[..]);
        size_of::<Self>() + days + self.sums.bytes() + self.cache.heap_bytes()
    }

    /// A number that no other summary has.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The days with facts, in order.
    pub(super) fn days(&self) -> &[Arc<DaySummary>] {
        &self.days
    }

    /// The sums over the period.
    pub(super) fn sums(&self) -> &Sums {
        &self.sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(day: &str, source: &str, visitors: &[i64]) -> Row {
        Row {
            source: source.into(),
            count: visitors.len() as u64,
            visitors: visitors.iter().copied().collect(),
            ..Row::blank(day, Kind::View)
        }
    }

    #[test]
    fn days_and_sources_are_summed_up_and_people_counted_once() {
        let rows = [
            views("2026-11-22", "direct", &[1, 2]),
            views("2026-11-22", "newsletter", &[2, 3]),
            views("2026-11-24", "direct", &[3, 4]),
        ];
        let summary = EventSummary::of_rows(Uuid::nil(), &rows.iter().collect::<Vec<_>>());
        let told = |tally: &Tally| (tally.count(Kind::View), tally.visitors(Kind::View));
        assert_eq!(told(&summary.sums.total), (6, 4));
        let day = |day: &str| day.parse::<NaiveDate>().unwrap();
        let period = Period::new(day("2026-11-22"), day("2026-11-24")).unwrap();
        let days = summary.by_day(period);
        let days = days.iter().map(|day| (day.views, day.unique_views));
        assert!(days.eq([(4, 3), (0, 0), (2, 2)]));
        let sources: Vec<_> = summary.sums.by_source.values().map(told).collect();
        assert_eq!(sources, [(4, 4), (2, 2)]);
    }
}
