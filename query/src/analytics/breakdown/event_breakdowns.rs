//! Breakdowns of one event by ticket type and traffic source.

use poem_openapi::Object;

use super::{
    source::SourceBreakdown,
    ticket_type::{
        OtherSourceTicketTypes, OtherTicketTypes, SourceTicketTypeMetrics, TicketTypeMetrics,
        by_source_and_ticket_type, by_ticket_type,
    },
};
use crate::analytics::{
    aggregate::{Conversion, EventSummary},
    model::{PageRange, RowRef, TicketTypeNames},
};

/// Breakdowns of one event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct EventBreakdowns {
    /// Metrics of one page of the ticket types, most registrations first.
    pub by_ticket_type: Vec<TicketTypeMetrics>,
    /// Sum of the ticket types that `byTicketType` does not list; `null` if it lists all.
    #[oai(nullable)]
    pub other_ticket_types: Option<OtherTicketTypes>,
    /// Metrics by traffic source.
    #[oai(flatten)]
    pub sources: SourceBreakdown,
    /// Metrics of one page of the pairs of traffic source and ticket type, most registrations first.
    pub by_source_and_ticket_type: Vec<SourceTicketTypeMetrics>,
    /// Sum of the pairs that `bySourceAndTicketType` does not list; `null` if it lists all.
    #[oai(nullable)]
    pub other_sources_and_ticket_types: Option<OtherSourceTicketTypes>,
}

impl EventBreakdowns {
    /// Breaks down `rows`, which `summary` summarizes, and lists one page of each breakdown. `conversion` is that of
    /// the same views, `names` are those of all rows of the event.
    pub fn of<'a>(
        summary: &EventSummary,
        conversion: &Conversion,
        rows: &[RowRef<'a>],
        names: &TicketTypeNames<'a>,
        page: PageRange,
    ) -> Self {
        let (by_ticket_type, other_ticket_types) = by_ticket_type(rows, names, page);
        let (by_source_and_ticket_type, other_sources_and_ticket_types) =
            by_source_and_ticket_type(rows, names, page);
        Self {
            by_ticket_type,
            other_ticket_types,
            sources: SourceBreakdown::of(&summary.aggregates.by_source, conversion, page),
            by_source_and_ticket_type,
            other_sources_and_ticket_types,
        }
    }
}
