//! One fact of the bench, in the two forms in which facts come in: the JSON of `POST /track`, which
//! is that of an imported line too, and a message of the platform.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::scene::Person;
use crate::simulator::Kind;

/// What a ticket is called, and what it costs in minor units.
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
    /// What led them here.
    pub source: &'static str,
    /// Their ticket.
    pub ticket_type: TicketType,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Deed {
    /// The page was viewed.
    Viewed(Visit),
    /// A form was begun.
    Started(Visit),
    /// A registration was made.
    Registered(Registration),
    /// It was cancelled.
    Cancelled(Registration),
    /// It was paid; the id is that of the payment.
    Paid(Registration, Uuid),
    /// Its attendee came.
    CheckedIn(Registration),
}

/// What happens in a browser.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The event.
    pub event: Uuid,
    /// Its organization.
    pub tenant: Uuid,
    /// The visitor.
    pub person: Person,
    /// What led them here.
    pub source: &'static str,
    /// The registration that the form is of, if the site tells.
    pub registration: Option<Uuid>,
}

/// A fact.
#[derive(Clone, Debug)]
pub struct Fact {
    /// A UUIDv7 of `at`.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
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
    /// What finds its row again in the database, whichever way it came.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.deed {
            Deed::Viewed(_) | Deed::Started(_) => self.id.to_string(),
            Deed::Paid(_, payment) => payment.to_string(),
            Deed::Registered(of) | Deed::Cancelled(of) | Deed::CheckedIn(of) => {
                format!("{}{}", self.deed.kind().event_type(), of.id)
            }
        }
    }

    /// The body of `POST /track`, as a service of the platform sends it.
    #[must_use]
    pub fn request(&self) -> String {
        let (event, tenant, user, properties) = match &self.deed {
            Deed::Viewed(visit) | Deed::Started(visit) => {
                let mut properties =
                    json!({"visitorId": visit.person.browser, "source": visit.source});
                if let Some(registration) = visit.registration {
                    properties["registrationId"] = json!(registration);
                }
                (visit.event, visit.tenant, None, properties)
            }
            Deed::Registered(of) => {
                let properties = json!({
                    "registrationId": of.id, "ticketTypeName": of.ticket_type.0, "source": of.source,
                });
                (of.event, of.tenant, Some(of.person.account), properties)
            }
            Deed::Paid(of, payment) => {
                let properties = json!({
                    "paymentId": payment, "registrationId": of.id,
                    "amountCents": of.ticket_type.1, "currency": "EUR",
                });
                (of.event, of.tenant, None, properties)
            }
            Deed::Cancelled(of) | Deed::CheckedIn(of) => {
                (of.event, of.tenant, None, json!({"registrationId": of.id}))
            }
        };
        let mut body = json!({
            "id": self.id, "createdAt": self.moment(), "eventType": self.deed.kind().event_type(),
            "eventId": event, "tenantId": tenant, "properties": properties,
        });
        if let Some(user) = user {
            body["userId"] = json!(user);
        }
        body.to_string()
    }

    /// The routing key and the body of the platform's message; the platform tells nothing of what
    /// happens in browsers.
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
