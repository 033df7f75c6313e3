//! The days of all events of an organization together. Most of them are as they were before, and are
//! not merged again.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::NaiveDate;

use super::{DayFigures, DaySummary, EventSummary, Kind, Tally, days::figures_of};

/// Every day on which anything happened.
#[derive(Clone, Debug, Default)]
pub struct MergedDays(BTreeMap<NaiveDate, MergedDay>);

#[derive(Clone, Debug)]
struct MergedDay {
    /// Numbers of the summaries that the day is made of.
    parts: Vec<u64>,
    figures: DayFigures,
}

impl MergedDays {
    /// The days of these events, in the same order as `before`.
    #[must_use]
    pub fn of(events: &[Arc<EventSummary>], before: &Self) -> Self {
        let mut days = BTreeMap::<NaiveDate, Vec<&DaySummary>>::new();
        for day in events.iter().flat_map(|event| event.days()) {
            days.entry(day.day()).or_default().push(day);
        }
        let merged = days.into_iter().map(|(date, days)| {
            let parts: Vec<u64> = days.iter().map(|day| day.number()).collect();
            let known = before.0.get(&date).filter(|known| known.parts == parts);
            let figures = known.map_or_else(|| merge(date, &days), |known| known.figures.clone());
            (date, MergedDay { parts, figures })
        });
        Self(merged.collect())
    }

    /// Every day of the period, also those on which nothing happened.
    #[must_use]
    pub fn each(&self, period: Period) -> Vec<DayFigures> {
        let of_day = |day| match self.0.get(&day) {
            Some(merged) => merged.figures.clone(),
            None => figures_of(day, &Tally::default()),
        };
        period.days().map(of_day).collect()
    }

    /// Memory that they take, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let days = self.0.values();
        days.map(|day| size_of::<MergedDay>() + size_of_val(&day.parts[..]))
            .sum()
    }
}

fn merge(date: NaiveDate, days: &[&DaySummary]) -> DayFigures {
    let totals = || days.iter().map(|day| &day.sums().total);
    let count = |kind| totals().map(|total| total.count(kind)).sum();
    DayFigures {
        date,
        views: count(Kind::View),
        unique_views: VisitorSet::union(totals().map(|total| total.visitors_of(Kind::View))).len(),
        registrations: count(Kind::Completed),
        cancellations: count(Kind::Cancelled),
        check_ins: count(Kind::CheckIn),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::figures::{DayRows, Row, Rows};

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of).unwrap()
    }

    /// A day of an event as it is read: one view of each visitor.
    fn rows(event: u128, of: u32, visitors: &[i64]) -> Arc<DayRows> {
        let row = Row {
            day: day(of),
            event_id: Uuid::from_u128(event),
            count: visitors.len() as u64,
            visitors: visitors.iter().copied().collect(),
            ..Row::blank("2026-11-01", Kind::View)
        };
        Arc::new(DayRows::new(day(of), vec![row]))
    }

    fn event(id: u128, days: &[&Arc<DayRows>]) -> Arc<EventSummary> {
        let rows: Rows = days.iter().copied().map(Arc::clone).collect();
        Arc::new(EventSummary::of(Uuid::from_u128(id), &rows, None))
    }

    fn views(days: &MergedDays) -> Vec<(u64, u64)> {
        let each = days.each(Period::new(day(22), day(24)).unwrap());
        let figures = each.iter().map(|day| (day.views, day.unique_views));
        figures.collect()
    }

    #[test]
    fn a_day_is_merged_again_when_an_event_has_another_and_else_is_not() {
        let (first, second) = (rows(1, 22, &[1, 2]), rows(1, 23, &[1]));
        let other = event(2, &[&rows(2, 22, &[2, 3]), &rows(2, 23, &[4])]);
        let before = [event(1, &[&first, &second]), Arc::clone(&other)];
        let mut known = MergedDays::of(&before, &MergedDays::default());
        assert_eq!(views(&known), [(4, 3), (2, 2), (0, 0)]);

        // What is kept is recognized by what nobody would count.
        for merged in known.0.values_mut() {
            merged.figures.views = 100;
        }
        let changed = rows(1, 23, &[1, 4]);
        let after = [event(1, &[&first, &changed]), Arc::clone(&other)];
        let again = MergedDays::of(&after, &known);
        assert_eq!(views(&again), [(100, 3), (3, 2), (0, 0)]);
        let alone = MergedDays::of(&[other], &known);
        assert_eq!(views(&alone), [(2, 2), (1, 1), (0, 0)]);
    }
}
