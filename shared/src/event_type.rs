//! Event types: `domain.action` names, some of which have a meaning in dashboards and reports.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The maximum length, in characters: that of the column `analytics_events.event_type`.
pub const MAX_LENGTH: usize = 100;

/// The type of a fact, as `domain.action` in lower case (`page.view`).
///
/// Facts of any type are stored, counted by type and exported. Dashboards, funnels and reports use
/// the types below.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct EventType(String);

/// A view of the page of an event.
pub const PAGE_VIEW: &str = "page.view";
/// A visitor started the registration form.
pub const REGISTRATION_STARTED: &str = "registration.started";
/// A completed registration.
pub const REGISTRATION_COMPLETED: &str = "registration.completed";
/// A registration cancelled by the attendee or the organizer.
pub const REGISTRATION_CANCELLED: &str = "registration.cancelled";
/// The check-in of an attendee at the door.
pub const CHECKIN_COMPLETED: &str = "checkin.completed";
/// A successful payment.
pub const PAYMENT_COMPLETED: &str = "payment.completed";
/// A full or partial refund.
pub const PAYMENT_REFUNDED: &str = "payment.refunded";

/// All types with a meaning. Their facts must name a ticketing event.
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

/// The error for a text that is not an event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "must be `domain.action` in lower case (letters, digits, `_` and `-`, one or more dots), \
     at most {MAX_LENGTH} characters"
)]
pub struct InvalidEventType;

impl EventType {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether dashboards, funnels and reports use this type.
    #[must_use]
    pub fn is_known(&self) -> bool {
        KNOWN.contains(&self.as_str())
    }

    /// Returns whether it is accepted without a token for a registered event: it happens in the browser
    /// of a visitor who is not logged in.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self.as_str(), PAGE_VIEW | REGISTRATION_STARTED)
    }

    /// Returns whether its facts have an amount: `properties.amountCents` and `properties.currency`.
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
    fn a_name_that_is_not_domain_dot_action_is_rejected() {
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
