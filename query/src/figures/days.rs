//! Figures by calendar day.

use analytics_shared::period::Period;
use chrono::NaiveDate;

use super::{Kind, Row, Tally, tally::tally_by};

/// One day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFigures {
    /// The day.
    pub date: NaiveDate,
    /// Page views.
    pub views: u64,
    /// Distinct visitors of them.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// Every day of the period, also those on which nothing happened.
pub(super) fn by_day(rows: &[&Row], period: Period) -> Vec<DayFigures> {
    let tallies = tally_by(rows.iter().copied(), |row| row.day);
    let nothing = Tally::default();
    let days = period
        .days()
        .map(|date| figures_of(date, tallies.get(&date).unwrap_or(&nothing)));
    days.collect()
}

/// The figures of what begins on `date`.
pub(super) fn figures_of(date: NaiveDate, tally: &Tally) -> DayFigures {
    DayFigures {
        date,
        views: tally.count(Kind::View),
        unique_views: tally.visitors(Kind::View),
        registrations: tally.count(Kind::Completed),
        cancellations: tally.count(Kind::Cancelled),
        check_ins: tally.count(Kind::CheckIn),
    }
}
