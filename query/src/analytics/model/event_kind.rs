//! The event types that metrics count.

use analytics_shared::event_type;

/// An event type that metrics count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// `page.view`
    View,
    /// `registration.started`
    Started,
    /// `registration.completed`
    Completed,
    /// `registration.cancelled`
    Cancelled,
    /// `checkin.completed`
    CheckIn,
    /// `payment.completed`
    Payment,
    /// `payment.refunded`
    Refund,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::View,
        Self::Started,
        Self::Completed,
        Self::Cancelled,
        Self::CheckIn,
        Self::Payment,
        Self::Refund,
    ];

    /// The kinds whose distinct visitors are counted: the steps of the funnel, in order.
    pub const FUNNEL: [Self; 4] = [Self::View, Self::Started, Self::Completed, Self::CheckIn];

    /// The kinds whose facts are counted by the hour.
    pub const HOURLY: [Self; 4] = [Self::View, Self::Completed, Self::Cancelled, Self::CheckIn];

    /// Returns the index in [`Self::FUNNEL`]; `None` for other kinds.
    pub fn funnel_step(self) -> Option<usize> {
        Self::FUNNEL.into_iter().position(|kind| kind == self)
    }

    /// Returns the event type as it is stored.
    pub fn event_type(self) -> &'static str {
        match self {
            Self::View => event_type::PAGE_VIEW,
            Self::Started => event_type::REGISTRATION_STARTED,
            Self::Completed => event_type::REGISTRATION_COMPLETED,
            Self::Cancelled => event_type::REGISTRATION_CANCELLED,
            Self::CheckIn => event_type::CHECKIN_COMPLETED,
            Self::Payment => event_type::PAYMENT_COMPLETED,
            Self::Refund => event_type::PAYMENT_REFUNDED,
        }
    }

    /// Returns the kind of a stored event type; `None` if metrics do not count it.
    pub fn from_event_type(event_type: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.event_type() == event_type)
    }
}
