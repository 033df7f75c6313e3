//! The days of all events of an organization together. Most of them are as they were when they were
//! united last, and are not united again.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::period::Period;
use chrono::NaiveDate;

use super::{DayFigures, DayFold, EventFold, Tally, day_fold::together, days::figures_of};

/// Every day on which anything happened.
#[derive(Clone, Debug, Default)]
pub struct UnitedDays(BTreeMap<NaiveDate, United>);

#[derive(Clone, Debug)]
struct United {
    /// The numbers of the folds that the day is made of.
    of: Vec<u64>,
    figures: DayFigures,
}

impl UnitedDays {
    /// The days of these events, which are in the same order as when they were united `before`.
    #[must_use]
    pub fn of(events: &[Arc<EventFold>], before: &Self) -> Self {
        let mut days = BTreeMap::<NaiveDate, Vec<&DayFold>>::new();
        for (day, fold) in events.iter().flat_map(|event| event.by_day()) {
            days.entry(*day).or_default().push(fold);
        }
        let united = days.into_iter().map(|(day, folds)| {
            let of: Vec<u64> = folds.iter().map(|fold| fold.number()).collect();
            let known = before.0.get(&day).filter(|known| known.of == of);
            let figures =
                known.map_or_else(|| together(day, &folds).0, |known| known.figures.clone());
            (day, United { of, figures })
        });
        Self(united.collect())
    }

    /// Every day of the period, also those on which nothing happened.
    #[must_use]
    pub fn each(&self, period: Period) -> Vec<DayFigures> {
        let of_day = |day| match self.0.get(&day) {
            Some(united) => united.figures.clone(),
            None => figures_of(day, &Tally::default()),
        };
        period.days().map(of_day).collect()
    }

    /// Memory that they take, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let days = self.0.values();
        days.map(|day| size_of::<United>() + size_of_val(&day.of[..]))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::figures::{Kind, Piece, Row, Rows};

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of).unwrap()
    }

    /// A day of an event as it is read: one view of each visitor.
    fn piece(event: u128, of: u32, visitors: &[i64]) -> Arc<Piece> {
        let row = Row {
            day: day(of),
            event_id: Uuid::from_u128(event),
            count: visitors.len() as u64,
            visitors: visitors.iter().copied().collect(),
            ..Row::blank("2026-11-01", Kind::View)
        };
        Arc::new(Piece::of(vec![row]))
    }

    fn event(id: u128, pieces: &[&Arc<Piece>]) -> Arc<EventFold> {
        let rows: Rows = pieces.iter().copied().map(Arc::clone).collect();
        Arc::new(EventFold::of(Uuid::from_u128(id), &rows))
    }

    fn views(days: &UnitedDays) -> Vec<(u64, u64)> {
        let each = days.each(Period::new(day(22), day(24)).unwrap());
        let figures = each.iter().map(|day| (day.views, day.unique_views));
        figures.collect()
    }

    #[test]
    fn a_day_is_united_again_when_an_event_has_another_and_else_is_not() {
        let (first, second) = (piece(1, 22, &[1, 2]), piece(1, 23, &[1]));
        let other = event(2, &[&piece(2, 22, &[2, 3]), &piece(2, 23, &[4])]);
        let before = [event(1, &[&first, &second]), Arc::clone(&other)];
        let mut known = UnitedDays::of(&before, &UnitedDays::default());
        assert_eq!(views(&known), [(4, 3), (2, 2), (0, 0)]);

        // What is kept is recognized by what nobody would count.
        for united in known.0.values_mut() {
            united.figures.views = 100;
        }
        let changed = piece(1, 23, &[1, 4]);
        let after = [event(1, &[&first, &changed]), Arc::clone(&other)];
        let again = UnitedDays::of(&after, &known);
        assert_eq!(views(&again), [(100, 3), (3, 2), (0, 0)]);
        let alone = UnitedDays::of(&[other], &known);
        assert_eq!(views(&alone), [(2, 2), (1, 1), (0, 0)]);
    }
}
