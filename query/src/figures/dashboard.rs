//! The dashboard of one event.

use analytics_shared::period::Period;

use super::{
    DayFigures, Names, Row, SourceFigures, SourceTicketTypeFigures, Tally, TicketTypeFigures,
    Totals,
    days::by_day,
    sources::by_source,
    ticket_types::{by_source_and_ticket_type, by_ticket_type},
};

/// All figures of a dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The period as a whole.
    pub totals: Totals,
    /// Every day of the period.
    pub by_day: Vec<DayFigures>,
    /// Every ticket type.
    pub by_ticket_type: Vec<TicketTypeFigures>,
    /// Every traffic source.
    pub by_source: Vec<SourceFigures>,
    /// Every ticket type of every traffic source.
    pub by_source_and_ticket_type: Vec<SourceTicketTypeFigures>,
}

impl Dashboard {
    /// Folds the rows of one event, or some of them; `names` are those of all.
    #[must_use]
    pub fn fold<'a>(rows: &[&'a Row], names: &Names<'a>, period: Period) -> Self {
        Self {
            totals: Totals::from(&rows.iter().copied().collect::<Tally>()),
            by_day: by_day(rows, period),
            by_ticket_type: by_ticket_type(rows, names),
            by_source: by_source(rows),
            by_source_and_ticket_type: by_source_and_ticket_type(rows, names),
        }
    }
}
