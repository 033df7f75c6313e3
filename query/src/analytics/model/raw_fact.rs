//! A fact by itself, for figures that rows of days are too coarse for.

use chrono::{DateTime, Utc};

use super::Kind;

/// When something happened, and what tells it from others.
#[derive(Clone, Debug)]
pub struct Moment {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: Kind,
    /// Where the visitor came from.
    pub source: String,
    /// The ticket type's id, else its name, else empty.
    pub ticket_type: String,
    /// Hash of the visitor, where there is one.
    pub visitor: Option<i64>,
    /// Stands for the registration, where one is named.
    pub registration: Option<i64>,
}

impl Moment {
    /// A fact of which nothing else is told.
    #[must_use]
    pub fn new(at: DateTime<Utc>, kind: Kind) -> Self {
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
