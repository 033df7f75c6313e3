//! Raw facts, for metrics that need a finer resolution than daily rollup rows.

use chrono::{DateTime, Utc};

use super::event_kind::EventKind;

/// A fact with the dimensions that metrics use.
#[derive(Clone, Debug)]
pub struct RawFact {
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    pub source: String,
    /// Ticket type id, else its name, else empty.
    pub ticket_type: String,
    /// Hash of the visitor, if known.
    pub visitor: Option<i64>,
    /// Hash of the registration id, if the fact has one.
    pub registration: Option<i64>,
}

impl RawFact {
    /// Builds a fact without dimensions.
    pub fn new(at: DateTime<Utc>, kind: EventKind) -> Self {
        Self {
            at,
            kind,
            source: String::new(),
            ticket_type: String::new(),
            visitor: None,
            registration: None,
        }
    }
}
