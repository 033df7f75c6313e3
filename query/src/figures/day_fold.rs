//! One day of an event, folded once: whatever is made of it later knows it again by its number.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::NaiveDate;

use super::{Kind, Row, Tally, tally::grouped};

/// The kinds whose visitors are told of a day.
const VISITED: [Kind; 1] = [Kind::View];

/// The number of the day that is folded next.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A day of an event.
#[derive(Debug)]
pub struct DayFold {
    number: u64,
    tally: Tally,
}

impl DayFold {
    /// The days that there are rows of, which are of one event.
    pub(super) fn by_day(rows: &[Row]) -> BTreeMap<NaiveDate, Arc<Self>> {
        let days = grouped(rows, |row| row.day).into_iter();
        days.map(|(day, rows)| (day, Arc::new(Self::new(Tally::of(rows, &VISITED)))))
            .collect()
    }

    /// This and other facts of the same day.
    pub(super) fn united(&self, other: &Self) -> Self {
        Self::new(Tally::united(&[&self.tally, &other.tally], &VISITED))
    }

    fn new(tally: Tally) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { number, tally }
    }

    /// What no other fold has that was ever made.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// What happened on it.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Memory that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.tally.bytes()
    }
}
