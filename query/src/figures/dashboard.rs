//! The dashboard of one event.

use analytics_shared::period::Period;

use super::{
    DayFigures, Headline, Row, SourceFigures, Tally, TicketTypeFigures, days::by_day,
    sources::by_source, ticket_types::by_ticket_type,
};

/// All figures of a dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The seven metrics.
    pub headline: Headline,
    /// Every day of the period.
    pub by_day: Vec<DayFigures>,
    /// Every ticket type.
    pub by_ticket_type: Vec<TicketTypeFigures>,
    /// Every traffic source.
    pub by_source: Vec<SourceFigures>,
}

impl Dashboard {
    /// Folds the rows of one event.
    #[must_use]
    pub fn fold(rows: &[&Row], period: Period) -> Self {
        Self {
            headline: Headline::from(&rows.iter().copied().collect::<Tally>()),
            by_day: by_day(rows, period),
            by_ticket_type: by_ticket_type(rows),
            by_source: by_source(rows),
        }
    }
}
