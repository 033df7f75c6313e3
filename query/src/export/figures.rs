//! The figures of the first sheet of a workbook: those of a dashboard or of the report of an organization.

use chrono::{DateTime, Utc};

use crate::analytics::{
    Attendance, DailyMetrics, EventMetrics, OtherTicketTypes, SourceBreakdown, TicketTypeMetrics,
    Totals,
};

/// The figures of an event or of an organization, in the period of the export.
#[derive(Clone, Debug)]
pub struct Figures {
    pub subject: FiguresSubject,
    /// Time of the last change of the facts; the current time without facts.
    pub as_of: DateTime<Utc>,
    pub totals: Totals,
    /// Every day of the period.
    pub by_day: Vec<DailyMetrics>,
    pub sources: SourceBreakdown,
}

/// The subject of the figures.
#[derive(Clone, Debug)]
pub enum FiguresSubject {
    Event {
        /// Title; `None` if the event was never published.
        title: Option<String>,
        starts_at: Option<DateTime<Utc>>,
        /// The ticket types with most registrations.
        ticket_types: Vec<TicketTypeMetrics>,
        /// The sum of all other ticket types.
        other_ticket_types: Option<OtherTicketTypes>,
    },
    Organization {
        no_shows: Option<u64>,
        attendance: Attendance,
        /// The events with most views.
        events: Vec<EventMetrics>,
        /// The number of all other events.
        other_events: u64,
    },
}
