//! What rollup and facts disagree about.

use chrono::NaiveDate;
use uuid::Uuid;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub tenant_id: Uuid,
    pub day: NaiveDate,
    pub event_type: String,
    pub source: String,
    pub ticket_type: String,
}

/// One figure that differs.
#[derive(Debug)]
pub struct Difference {
    pub event_id: Uuid,
    pub key: Key,
    pub figure: String,
    pub rollup: String,
    pub facts: String,
}

/// Stands for a figure that one side does not have.
pub const MISSING: &str = "—";

/// The columns of [`Difference::row`].
pub const HEADER: [&str; 9] = [
    "tenant",
    "event",
    "day",
    "type",
    "source",
    "ticket type",
    "figure",
    "rollup",
    "facts",
];

impl Difference {
    /// As a row of the table.
    pub fn row(&self) -> [String; 9] {
        let key = self.key.clone();
        [
            key.tenant_id.to_string(),
            self.event_id.to_string(),
            key.day.to_string(),
            key.event_type,
            key.source,
            key.ticket_type,
            self.figure.clone(),
            self.rollup.clone(),
            self.facts.clone(),
        ]
    }
}
