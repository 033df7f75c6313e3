//! What the chart shows: the records of a file, added up by day while they are written.

use std::collections::BTreeMap;

use analytics_shared::period::Period;
use chrono::NaiveDate;

use crate::{export::table::Record, figures::ZoneClock};

/// The series of a dataset, for every day of the period.
pub(super) struct ByDay {
    clock: ZoneClock,
    /// Names of the series.
    pub names: Vec<&'static str>,
    /// Their figures.
    pub days: BTreeMap<NaiveDate, Vec<u64>>,
}

impl ByDay {
    /// Days on which nothing has been added yet.
    pub fn new<T: Record>(period: Period, clock: ZoneClock) -> Self {
        let zeros = |day| (day, vec![0; T::SERIES.len()]);
        Self {
            clock,
            names: T::SERIES.iter().map(|series| series.name).collect(),
            days: period.days().map(zeros).collect(),
        }
    }

    /// Adds what a record counts.
    pub fn add<T: Record>(&mut self, record: &T) {
        let day = record.day(&self.clock);
        let figures = self
            .days
            .entry(day)
            .or_insert_with(|| vec![0; T::SERIES.len()]);
        for (figure, series) in figures.iter_mut().zip(T::SERIES) {
            *figure += (series.count)(record);
        }
    }
}
