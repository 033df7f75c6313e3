//! What is told of an event while it is watched: the headline, and the present day apart.

use analytics_shared::period::Period;

use super::{DayFigures, Row, Tally, Totals, days::figures_of, starting_with_facts};

/// Live figures of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// From the first day with facts to the present one.
    pub period: Period,
    /// That period as a whole.
    pub totals: Totals,
    /// The present day.
    pub today: DayFigures,
}

impl Live {
    /// Folds the rows of one event. `period` ends with the present day.
    #[must_use]
    pub fn fold(rows: &[&Row], period: Period) -> Self {
        let today = rows.iter().copied().filter(|row| row.day == period.to);
        Self {
            period: starting_with_facts(period, rows),
            totals: Totals::from(&rows.iter().copied().collect::<Tally>()),
            today: figures_of(period.to, &today.collect()),
        }
    }
}
