//! The vocabulary of facts: `domain.action` names, and which of them mean something to us.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest name `analytics_events.event_type` holds, in characters.
pub const MAX_LENGTH: usize = 100;

/// What happened, as `domain.action` in lower case (`page.view`).
///
/// Any such name is stored, counted by type and exported; the constants are those that
/// dashboards, funnels and reports give a meaning.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventType(String);

/// Somebody looked at the event's page.
pub const PAGE_VIEW: &str = "page.view";
/// Somebody began to fill in the registration form.
pub const REGISTRATION_STARTED: &str = "registration.started";
/// A registration was made.
pub const REGISTRATION_COMPLETED: &str = "registration.completed";
/// A registration was cancelled, by the attendee or the organizer.
pub const REGISTRATION_CANCELLED: &str = "registration.cancelled";
/// An attendee came through the door.
pub const CHECKIN_COMPLETED: &str = "checkin.completed";
/// A payment went through.
pub const PAYMENT_COMPLETED: &str = "payment.completed";
/// Money went back, wholly or in part.
pub const PAYMENT_REFUNDED: &str = "payment.refunded";

/// All types that have a meaning; each of them is about one ticketing event.
pub const KNOWN: [&str; 7] = [
    PAGE_VIEW,
    REGISTRATION_STARTED,
    REGISTRATION_COMPLETED,
    REGISTRATION_CANCELLED,
    CHECKIN_COMPLETED,
    PAYMENT_COMPLETED,
    PAYMENT_REFUNDED,
];

/// The property with the id of a registration.
pub const REGISTRATION_ID: &str = "registrationId";
/// The property with the id of a payment.
pub const PAYMENT_ID: &str = "paymentId";

/// Why a text is no event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "must be `domain.action` in lower case (letters, digits, `_` and `-`, one or more dots), \
     at most {MAX_LENGTH} characters"
)]
pub struct InvalidEventType;

impl EventType {
    /// The name as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether dashboards, funnels and reports give this type a meaning.
    #[must_use]
    pub fn is_known(&self) -> bool {
        KNOWN.contains(&self.as_str())
    }

    /// Whether anybody may send it for a registered event, without a token: what happens in the
    /// browser of a visitor who has not logged in.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self.as_str(), PAGE_VIEW | REGISTRATION_STARTED)
    }

    /// Whether the fact is about money, in `properties.amountCents` and `properties.currency`.
    #[must_use]
    pub fn is_payment(&self) -> bool {
        matches!(self.as_str(), PAYMENT_COMPLETED | PAYMENT_REFUNDED)
    }

    /// The property whose value deduplicates a lifecycle fact: one registration is completed once,
    /// one payment succeeds once, however often and over whichever transport it is reported. `None`
    /// for other types.
    #[must_use]
    pub fn dedup_property(&self) -> Option<&'static str> {
        match self.as_str() {
            REGISTRATION_COMPLETED | REGISTRATION_CANCELLED | CHECKIN_COMPLETED => {
                Some(REGISTRATION_ID)
            }
            PAYMENT_COMPLETED => Some(PAYMENT_ID),
            _ => None,
        }
    }
}

impl FromStr for EventType {
    type Err = InvalidEventType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = 0;
        let well_formed = text.split('.').all(|word| {
            words += 1;
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
        });
        if well_formed && words >= 2 && text.len() <= MAX_LENGTH {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEventType)
        }
    }
}

impl TryFrom<String> for EventType {
    type Error = InvalidEventType;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EventType> for String {
    fn from(event_type: EventType) -> Self {
        event_type.0
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_type_is_well_formed() {
        for name in KNOWN {
            assert_eq!(name.parse::<EventType>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_name_that_is_not_domain_dot_action_is_refused() {
        let too_long = format!("page.{}", "v".repeat(MAX_LENGTH));
        for name in [
            "",
            "view",
            "page.",
            ".view",
            "Page.View",
            "page view",
            "page..view",
            "1.2",
            &too_long,
        ] {
            assert_eq!(name.parse::<EventType>(), Err(InvalidEventType), "{name}");
        }
    }

    #[test]
    fn a_custom_type_is_accepted_but_means_nothing() {
        let custom: EventType = "newsletter.signup_2".parse().unwrap();
        assert!(!custom.is_known() && !custom.is_public() && custom.dedup_property().is_none());
    }
}
