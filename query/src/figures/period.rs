//! The period that an answer is about, where the caller left its start open.

use analytics_shared::period::Period;

use super::Row;

/// `period` from its first day with facts on; only its last day if there are none.
#[must_use]
pub fn starting_with_facts(period: Period, rows: &[&Row]) -> Period {
    let first = rows.iter().map(|row| row.day).min();
    Period {
        from: first.map_or(period.to, |day| day.clamp(period.from, period.to)),
        ..period
    }
}
