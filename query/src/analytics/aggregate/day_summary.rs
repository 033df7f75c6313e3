//! One day of an event, summed up once: whatever merges it later recognizes it by its number.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::NaiveDate;

use super::{DayFigures, Kind, Row, Tally, days::figures_of, tally::grouped};

/// The number of the next summary.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);

/// Returns a number that stands for a summary, and that no other has.
pub(super) fn next_number() -> u64 {
    NEXT_NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// All facts of a day, and those of each source.
#[derive(Debug)]
pub struct DaySummary {
    number: u64,
    day: NaiveDate,
    sums: Sums,
}

/// The sums of some facts, and of each source of them.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// All of them, with the visitors of [`Kind::VISITED`].
    pub total: Tally,
    /// Those of each source, with the visitors of views.
    pub by_source: BTreeMap<Arc<str>, Tally>,
}

impl DaySummary {
    /// The summary of rows of that day.
    pub(super) fn of<'a>(day: NaiveDate, rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let rows: Vec<&Row> = rows.into_iter().collect();
        let by_source = grouped(rows.iter().copied(), |row| &row.source).into_iter();
        let by_source =
            by_source.map(|(source, rows)| (Arc::clone(source), Tally::of(rows, &[Kind::View])));
        Self {
            number: next_number(),
            day,
            sums: Sums {
                by_source: by_source.collect(),
                total: Tally::of(rows, &Kind::VISITED),
            },
        }
    }

    /// A number that no other summary has.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The day.
    pub(super) fn day(&self) -> NaiveDate {
        self.day
    }

    /// Its sums.
    pub(super) fn sums(&self) -> &Sums {
        &self.sums
    }

    /// The figures of the day.
    pub(super) fn figures(&self) -> DayFigures {
        figures_of(self.day, &self.sums.total)
    }
}

impl Sums {
    /// Adds up `parts`, with the visitors of the `visited` kinds.
    pub(super) fn merge(parts: &[&Self], visited: &[Kind]) -> Self {
        let totals: Vec<&Tally> = parts.iter().map(|part| &part.total).collect();
        let mut by_source = BTreeMap::<&Arc<str>, Vec<&Tally>>::new();
        for (source, tally) in parts.iter().flat_map(|part| &part.by_source) {
            by_source.entry(source).or_default().push(tally);
        }
        let by_source = by_source
            .into_iter()
            .map(|(source, tallies)| (Arc::clone(source), Tally::merge(&tallies, &[Kind::View])));
        Self {
            total: Tally::merge(&totals, visited),
            by_source: by_source.collect(),
        }
    }

    /// Memory that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let sources = self.by_source.values().map(Tally::bytes);
        self.total.bytes() + sources.sum::<usize>()
    }
}
