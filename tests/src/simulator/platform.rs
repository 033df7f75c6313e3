//! The messages of the platform about a registration: flat bodies with personal data, without the fields
//! that their publisher does not have.

use chrono::{DateTime, TimeDelta, Utc};
use rand::{RngExt, rngs::StdRng};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Event, Fact, Kind, Money,
    event::{STANDARD, TicketType, WORKSHOPS, random_id},
    moments,
    web::Visit,
};

/// A message of the platform.
#[derive(Clone, Debug)]
pub struct Message {
    /// The routing key, which alone contains the type.
    pub key: &'static str,
    /// The body: an object, or a string that contains JSON.
    pub body: Value,
}

/// A registration of the platform.
pub struct Registration {
    id: Uuid,
    user: Uuid,
    at: DateTime<Utc>,
    ticket_type: &'static TicketType,
    tells_ticket_type_id: bool,
    source: Option<&'static str>,
}

impl Registration {
    /// Completes a started registration, in three of four cases.
    pub fn after(start: &Visit, rng: &mut StdRng) -> Option<Self> {
        let completes = rng.random_ratio(3, 4);
        completes.then(|| {
            let at = moments::minutes_after(start.at, 2, 20, rng);
            Self::of(start, at, rng)
        })
    }

    /// Registers a visitor when the page is viewed.
    pub fn at_the_door(view: &Visit, rng: &mut StdRng) -> Self {
        Self::of(view, view.at, rng)
    }

    fn of(visit: &Visit, at: DateTime<Utc>, rng: &mut StdRng) -> Self {
        Self {
            id: random_id(rng),
            user: visit.person.account,
            at,
            ticket_type: if rng.random_ratio(7, 10) {
                &STANDARD
            } else {
                &WORKSHOPS
            },
            tells_ticket_type_id: rng.random_ratio(2, 3),
            source: rng.random_ratio(3, 4).then_some(visit.arrival.source),
        }
    }

    /// Registration, payment and check-in, all at once.
    pub fn messages_at_the_door(&self, event: &Event, rng: &mut StdRng) -> Vec<Message> {
        let (_, paid) = self.paid(self.at, rng);
        let (_, checked_in) = self.checked_in(event, self.at);
        vec![self.created(event), paid, checked_in]
    }

    /// Its facts, in order; the first is the registration itself.
    pub fn life(&self, event: &Event, rng: &mut StdRng) -> Vec<(Fact, Message)> {
        let mut told = vec![(self.fact(Kind::Registered, self.at), self.created(event))];
        if rng.random_ratio(19, 20) {
            let at = moments::minutes_after(self.at, 1, 4, rng);
            told.push(self.paid(at, rng));
        }
        let time_left = event.starts_at - self.at > TimeDelta::hours(1);
        if time_left && rng.random_ratio(1, 12) {
            told.push(self.cancelled(event, rng));
        } else if rng.random_ratio(4, 5) {
            let doors = (event.starts_at - TimeDelta::hours(1)).max(self.at);
            let at = moments::minutes_after(doors, 0, 90, rng);
            told.push(self.checked_in(event, at));
        }
        told
    }

    fn created(&self, event: &Event) -> Message {
        let mut body = self.full_body(event, self.at);
        body["confirmationCode"] = self.id.simple().to_string()[..6].to_uppercase().into();
        if let Some(source) = self.source {
            body["source"] = source.into();
        }
        Message {
            key: "registration.created",
            body,
        }
    }

    fn cancelled(&self, event: &Event, rng: &mut StdRng) -> (Fact, Message) {
        let at = moments::between(self.at, event.starts_at, rng);
        let mut body = self.full_body(event, at);
        body["cancellationReason"] = "cannot come".into();
        body["cancelledByOrganizer"] = rng.random_ratio(1, 10).into();
        let message = Message {
            key: "registration.cancelled",
            body,
        };
        (self.fact(Kind::Cancelled, at), message)
    }

    fn paid(&self, at: DateTime<Utc>, rng: &mut StdRng) -> (Fact, Message) {
        let paid = Money {
            cents: self.ticket_type.price_cents,
            currency: if rng.random_ratio(6, 7) { "EUR" } else { "CHF" },
        };
        let body = json!({
            "occurredAt": at,
            "paymentId": random_id(rng),
            "registrationId": self.id,
            "amountCents": paid.cents,
            "currency": paid.currency,
        });
        let fact = Fact {
            paid: Some(paid),
            ..self.fact(Kind::Paid, at)
        };
        let message = Message {
            key: "payment.completed",
            body,
        };
        (fact, message)
    }

    fn checked_in(&self, event: &Event, at: DateTime<Utc>) -> (Fact, Message) {
        let body = json!({"eventId": event.id, "occurredAt": at, "registrationId": self.id});
        let message = Message {
            key: "checkin.completed",
            body,
        };
        (self.fact(Kind::CheckedIn, at), message)
    }

    /// A fact that follows the registration has its ticket type, source and user.
    fn fact(&self, kind: Kind, at: DateTime<Utc>) -> Fact {
        Fact {
            kind,
            at,
            visitor: self.user.to_string(),
            browser: None,
            source: self.source.unwrap_or("unknown"),
            ticket_type: Some(self.ticket_type),
            tells_ticket_type_id: self.tells_ticket_type_id,
            paid: None,
        }
    }

    fn full_body(&self, event: &Event, at: DateTime<Utc>) -> Value {
        let mut body = json!({
            "eventId": event.id,
            "occurredAt": at,
            "registrationId": self.id,
            "tenantId": event.tenant,
            "userId": self.user,
            "eventTitle": event.title,
            "eventSlug": "autumn-systems-conference",
            "eventStartsAt": event.starts_at,
            "ticketTypeName": self.ticket_type.name,
            "firstName": "Sample",
            "lastName": "Attendee",
            "email": format!("attendee-{}@example.org", self.user.simple()),
        });
        if self.tells_ticket_type_id {
            body["ticketTypeId"] = self.ticket_type.id.into();
        }
        body
    }
}
