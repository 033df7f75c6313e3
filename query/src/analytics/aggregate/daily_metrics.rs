//! Figures by calendar day.

use chrono::NaiveDate;

use super::{Kind, Tally};

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
