//! The period that an answer is about, where the caller left its start open.

use analytics_shared::period::Period;
use chrono::NaiveDate;

/// `period` from the first of the days with facts on; only its last day if there are none.
#[must_use]
pub fn starting_with_facts(period: Period, days: impl Iterator<Item = NaiveDate>) -> Period {
    let first = days.min();
    Period {
        from: first.map_or(period.to, |day| day.clamp(period.from, period.to)),
        ..period
    }
}
