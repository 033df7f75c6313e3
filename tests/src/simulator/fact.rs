//! The expected content of a fact after enrichment.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::event::TicketType;

/// The type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The event's page was viewed.
    View,
    /// A registration form was begun.
    Started,
    /// A registration was completed.
    Registered,
    /// A registration was cancelled.
    Cancelled,
    /// Somebody paid.
    Paid,
    /// Somebody came.
    CheckedIn,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::View,
        Self::Started,
        Self::Registered,
        Self::Cancelled,
        Self::Paid,
        Self::CheckedIn,
    ];

    /// The name that the service stores it with.
    #[must_use]
    pub fn event_type(self) -> &'static str {
        match self {
            Self::View => "page.view",
            Self::Started => "registration.started",
            Self::Registered => "registration.completed",
            Self::Cancelled => "registration.cancelled",
            Self::Paid => "payment.completed",
            Self::CheckedIn => "checkin.completed",
        }
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// In minor units.
    pub cents: i64,
    /// ISO 4217 code.
    pub currency: &'static str,
}

/// One thing that happened, told at least once.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The type.
    pub kind: Kind,
    /// When.
    pub at: DateTime<Utc>,
    /// The person.
    pub visitor: String,
    /// Where they came from.
    pub source: &'static str,
    /// Their ticket, if they have one.
    pub ticket_type: Option<&'static TicketType>,
    /// Whether the id of the ticket type was told; its name always is.
    pub tells_ticket_type_id: bool,
    /// The payment.
    pub paid: Option<Money>,
}

impl Fact {
    /// The day when it happened, in `zone`.
    #[must_use]
    pub fn day(&self, zone: Tz) -> NaiveDate {
        self.at.with_timezone(&zone).date_naive()
    }
}
