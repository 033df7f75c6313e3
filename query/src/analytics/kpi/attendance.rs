//! Attendees and returning attendees.

use analytics_shared::visitor_set::VisitorSet;
use poem_openapi::Object;

use crate::analytics::{aggregate::Aggregate, model::EventKind};

/// The attendees of several events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct Attendance {
    /// Distinct visitors who checked in at any of the events.
    pub attendees: u64,
    /// Distinct visitors who checked in at two or more of the events.
    pub returning_attendees: u64,
}

impl Attendance {
    /// Counts the attendees of events, with one aggregate for each event.
    pub fn of<'a>(events: impl Iterator<Item = &'a Aggregate>) -> Self {
        let attendees = events.map(|event| event.visitor_set(EventKind::CheckIn));
        let (attendees, returning_attendees) = VisitorSet::count_distinct_and_repeated(attendees);
        Self {
            attendees,
            returning_attendees,
        }
    }
}
