//! One day of an event, folded once: whatever is made of it later knows it again by its number.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use analytics_shared::visitor_set::{PackedVisitors, VisitorSet};
use chrono::NaiveDate;

use super::{DayFigures, Kind, Row, Tally, days::figures_of, tally::grouped};

/// The number of the day that is folded next.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A day of an event.
#[derive(Debug)]
pub struct DayFold {
    number: u64,
    figures: DayFigures,
    viewers: PackedVisitors,
}

impl DayFold {
    /// The days that there are rows of, which are of one event.
    pub(super) fn by_day(rows: &[Row]) -> BTreeMap<NaiveDate, Arc<Self>> {
        let days = grouped(rows, |row| row.day).into_iter();
        let fold = |(day, rows)| {
            let tally = Tally::of(rows, &[Kind::View]);
            let viewers = tally.visitors_of(Kind::View);
            (day, Arc::new(Self::new(figures_of(day, &tally), viewers)))
        };
        days.map(fold).collect()
    }

    /// This and other facts of the same day.
    pub(super) fn united(&self, other: &Self) -> Self {
        let (figures, viewers) = together(self.figures.date, &[self, other]);
        Self::new(figures, &viewers)
    }

    fn new(figures: DayFigures, viewers: &VisitorSet) -> Self {
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            figures,
            viewers: viewers.packed(),
        }
    }

    /// What no other fold has that was ever made.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Memory that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.viewers.bytes()
    }
}

/// What happened on a day that several folds are of, and the visitors of its views.
pub(super) fn together(date: NaiveDate, folds: &[&DayFold]) -> (DayFigures, VisitorSet) {
    let viewers: Vec<_> = folds.iter().map(|fold| fold.viewers.unpacked()).collect();
    let viewers = VisitorSet::union(&viewers);
    let sum = |of: fn(&DayFigures) -> u64| folds.iter().map(|fold| of(&fold.figures)).sum();
    let figures = DayFigures {
        date,
        views: sum(|day| day.views),
        unique_views: viewers.count(),
        registrations: sum(|day| day.registrations),
        cancellations: sum(|day| day.cancellations),
        check_ins: sum(|day| day.check_ins),
    };
    (figures, viewers)
}
