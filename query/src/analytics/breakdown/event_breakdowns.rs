//! Breakdowns of one event by ticket type and traffic source.

use poem_openapi::Object;

use super::{
    source::{SourceMetrics, by_source},
    ticket_type::{
        SourceTicketTypeMetrics, TicketTypeMetrics, by_source_and_ticket_type, by_ticket_type,
    },
};
use crate::analytics::{
    aggregate::EventSummary,
    model::{RollupRow, TicketTypeNames},
};

/// Breakdowns of one event.
#[derive(Clone, Debug, Object)]
#[expect(clippy::struct_field_names, reason = "they are the names of the API")]
#[oai(rename_all = "camelCase")]
pub struct EventBreakdowns {
    /// Metrics by ticket type, most registrations first.
    pub by_ticket_type: Vec<TicketTypeMetrics>,
    /// Metrics by traffic source, most views first.
    pub by_source: Vec<SourceMetrics>,
    /// Metrics by traffic source and ticket type, ordered by the name of the source.
    pub by_source_and_ticket_type: Vec<SourceTicketTypeMetrics>,
}

impl EventBreakdowns {
    /// Breaks down `rows`, which `summary` summarizes. `names` are those of all rows of the event.
    pub fn of<'a>(
        summary: &EventSummary,
        rows: &[&'a RollupRow],
        names: &TicketTypeNames<'a>,
    ) -> Self {
        Self {
            by_ticket_type: by_ticket_type(rows, names),
            by_source: by_source(&summary.aggregates),
            by_source_and_ticket_type: by_source_and_ticket_type(rows, names),
        }
    }
}
