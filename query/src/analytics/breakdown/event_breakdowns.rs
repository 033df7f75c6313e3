//! The dashboard of one event.

use analytics_shared::period::Period;

use super::{
    DayFigures, EventSummary, Names, Row, SourceFigures, SourceTicketTypeFigures,
    TicketTypeFigures, Totals,
    day_summary::Sums,
    sources::in_order,
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
    /// The dashboard of one event, or of a part of its facts. `rows` are what `summary` sums up, and
    /// `names` those of all rows.
    #[must_use]
    pub fn of<'a>(
        summary: &EventSummary,
        rows: &[&'a Row],
        names: &Names<'a>,
        period: Period,
    ) -> Self {
        let Sums { total, by_source } = summary.sums();
        let sources = by_source.iter();
        Self {
            totals: Totals::from(total),
            by_day: summary.by_day(period),
            by_ticket_type: by_ticket_type(rows, names),
            by_source: in_order(sources.map(|(source, tally)| SourceFigures::of(source, tally))),
            by_source_and_ticket_type: by_source_and_ticket_type(rows, names),
        }
    }
}
