//! A fact of the bench, in two formats: the JSON of `POST /track` and of imported lines, and a message of the
//! platform.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::scene::Person;
use crate::simulator::Kind;

/// The name of a ticket type, and its price in minor units.
pub type TicketType = (&'static str, i64);

/// A registration.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its id.
    pub id: Uuid,
    /// Its event.
    pub event: Uuid,
    /// The organization of the event.
    pub tenant: Uuid,
    /// The attendee.
    pub person: Person,
    /// The source.
    pub source: &'static str,
    /// The ticket type.
    pub ticket_type: TicketType,
}

/// The type.
#[derive(Clone, Debug)]
pub enum Deed {
    /// `page.view`
    Viewed(Visit),
    /// `registration.started`
    Started(Visit),
    /// `registration.completed`
    Registered(Registration),
    /// `registration.cancelled`
    Cancelled(Registration),
    /// `payment.completed`, with the id of the payment.
    Paid(Registration, Uuid),
    /// `checkin.completed`
    CheckedIn(Registration),
}

/// Facts of browsers.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The event.
    pub event: Uuid,
    /// Its organization.
    pub tenant: Uuid,
    /// The visitor.
    pub person: Person,
    /// The source.
    pub source: &'static str,
    /// The registration of the form, if it is known.
    pub registration: Option<Uuid>,
}

/// A fact.
#[derive(Clone, Debug)]
pub struct Fact {
    /// A UUIDv7 of `at`.
    pub id: Uuid,
    /// The time.
    pub at: DateTime<Utc>,
    /// The type.
    pub deed: Deed,
}

impl Deed {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Viewed(_) => Kind::View,
            Self::Started(_) => Kind::Started,
            Self::Registered(_) => Kind::Registered,
            Self::Cancelled(_) => Kind::Cancelled,
            Self::Paid(..) => Kind::Paid,
            Self::CheckedIn(_) => Kind::CheckedIn,
        }
    }
}

impl Fact {
    /// The body of `POST /track`, as a service of the platform sends it. Formatted without a JSON
    /// value in between, because facts are generated while a service is measured; no text in it needs
    /// escaping.
    #[must_use]
    pub fn request(&self) -> String {
        let (event, tenant, properties) = match &self.deed {
            Deed::Viewed(visit) | Deed::Started(visit) => {
                let registration = visit
                    .registration
                    .map_or(String::new(), |id| format!(r#","registrationId":"{id}""#));
                let (browser, source) = (visit.person.browser, visit.source);
                let properties =
                    format!(r#""visitorId":"{browser}","source":"{source}"{registration}"#);
                (visit.event, visit.tenant, properties)
            }
            Deed::Registered(of) => {
                let (ticket_type, source) = (of.ticket_type.0, of.source);
                let properties = format!(
                    r#""registrationId":"{}","ticketTypeName":"{ticket_type}","source":"{source}""#,
                    of.id
                );
                (of.event, of.tenant, properties)
            }
            Deed::Paid(of, payment) => {
                let properties = format!(
                    r#""paymentId":"{payment}","registrationId":"{}","amountCents":{},"currency":"EUR""#,
                    of.id, of.ticket_type.1
                );
                (of.event, of.tenant, properties)
            }
            Deed::Cancelled(of) | Deed::CheckedIn(of) => {
                let properties = format!(r#""registrationId":"{}""#, of.id);
                (of.event, of.tenant, properties)
            }
        };
        let user = match &self.deed {
            Deed::Registered(of) => format!(r#","userId":"{}""#, of.person.account),
            _ => String::new(),
        };
        format!(
            r#"{{"id":"{}","createdAt":"{}","eventType":"{}","eventId":"{event}","tenantId":"{tenant}"{user},"properties":{{{properties}}}}}"#,
            self.id,
            self.moment(),
            self.deed.kind().event_type()
        )
    }

    /// The routing key and the body of the platform's message; `None` for facts of browsers.
    #[must_use]
    pub fn message(&self) -> Option<(&'static str, String)> {
        let (key, body) = match &self.deed {
            Deed::Viewed(_) | Deed::Started(_) => return None,
            Deed::Registered(of) => {
                let mut body = self.full_body(of);
                body["confirmationCode"] = of.id.simple().to_string()[..6].to_uppercase().into();
                ("registration.created", body)
            }
            Deed::Cancelled(of) => {
                let mut body = self.full_body(of);
                body["cancellationReason"] = "cannot come".into();
                body["cancelledByOrganizer"] = false.into();
                ("registration.cancelled", body)
            }
            Deed::Paid(of, payment) => {
                let body = json!({
                    "occurredAt": self.moment(), "paymentId": payment, "registrationId": of.id,
                    "amountCents": of.ticket_type.1, "currency": "EUR",
                });
                ("payment.completed", body)
            }
            Deed::CheckedIn(of) => {
                let body = json!({
                    "eventId": of.event, "occurredAt": self.moment(), "registrationId": of.id,
                });
                ("checkin.completed", body)
            }
        };
        Some((key, body.to_string()))
    }

    fn full_body(&self, of: &Registration) -> Value {
        json!({
            "eventId": of.event,
            "occurredAt": self.moment(),
            "registrationId": of.id,
            "tenantId": of.tenant,
            "userId": of.person.account,
            "eventTitle": "A Conference",
            "eventSlug": "a-conference",
            "eventStartsAt": "2026-12-01T08:00:00Z",
            "ticketTypeName": of.ticket_type.0,
            "source": of.source,
            "firstName": "Sample",
            "lastName": "Attendee",
            "email": "attendee@example.org",
        })
    }

    fn moment(&self) -> String {
        self.at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}
