//! The expected content of a fact after enrichment.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::event::TicketType;

/// The type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `page.view`
    View,
    /// `registration.started`
    Started,
    /// `registration.completed`
    Registered,
    /// `registration.cancelled`
    Cancelled,
    /// `payment.completed`
    Paid,
    /// `checkin.completed`
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

    /// The stored event type.
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

/// A fact, which is sent at least once.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The type.
    pub kind: Kind,
    /// The time.
    pub at: DateTime<Utc>,
    /// The visitor.
    pub visitor: String,
    /// The visitor id of the browser, if the fact names it beside the user.
    pub browser: Option<String>,
    /// The source.
    pub source: &'static str,
    /// The ticket type, if the fact has one.
    pub ticket_type: Option<&'static TicketType>,
    /// Whether the id of the ticket type was sent; its name always is.
    pub tells_ticket_type_id: bool,
    /// The payment.
    pub paid: Option<Money>,
}

impl Fact {
    /// The day of the fact in `zone`.
    #[must_use]
    pub fn day(&self, zone: Tz) -> NaiveDate {
        self.at.with_timezone(&zone).date_naive()
    }
}
