//! A builder for the facts that a test sends.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The event types of random facts: all that have a meaning, and a custom one. Views are more frequent.
pub const TYPES: [&str; 9] = [
    "page.view",
    "page.view",
    "registration.started",
    "registration.completed",
    "registration.cancelled",
    "checkin.completed",
    "payment.completed",
    "payment.refunded",
    "newsletter.opened",
];

/// The body of `POST /track`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Fact(Value);

impl Fact {
    /// A fact of `event`.
    #[must_use]
    pub fn new(event_type: &str, event: Uuid) -> Self {
        Self(json!({"eventType": event_type, "eventId": event}))
    }

    /// A page view of `event`.
    #[must_use]
    pub fn view(event: Uuid) -> Self {
        Self::new("page.view", event)
    }

    /// Sets the id.
    #[must_use]
    pub fn id(self, id: Uuid) -> Self {
        self.set("id", id)
    }

    /// Sets `createdAt`.
    #[must_use]
    pub fn at(self, time: impl Serialize) -> Self {
        self.set("createdAt", time)
    }

    /// Sets `tenantId`.
    #[must_use]
    pub fn tenant(self, tenant: Uuid) -> Self {
        self.set("tenantId", tenant)
    }

    /// Sets `userId`.
    #[must_use]
    pub fn user(self, user: impl Serialize) -> Self {
        self.set("userId", user)
    }

    /// Sets all properties.
    #[must_use]
    pub fn properties(self, properties: impl Serialize) -> Self {
        self.set("properties", properties)
    }

    /// Sets `properties.visitorId`.
    #[must_use]
    pub fn visitor(self, visitor: impl Serialize) -> Self {
        self.property("visitorId", visitor)
    }

    /// Sets `properties.source`.
    #[must_use]
    pub fn source(self, source: impl Serialize) -> Self {
        self.property("source", source)
    }

    /// Sets `properties.registrationId`.
    #[must_use]
    pub fn registration(self, registration: impl Serialize) -> Self {
        self.property("registrationId", registration)
    }

    /// Sets the id, amount and currency of a payment.
    #[must_use]
    pub fn payment(self, id: impl Serialize, cents: impl Serialize, currency: &str) -> Self {
        self.property("paymentId", id)
            .property("amountCents", cents)
            .property("currency", currency)
    }

    /// Sets a property.
    #[must_use]
    pub fn property(mut self, name: &str, value: impl Serialize) -> Self {
        self.0
            .as_object_mut()
            .expect("a fact is an object")
            .entry("properties")
            .or_insert_with(|| Map::new().into())[name] = json!(value);
        self
    }

    fn set(mut self, name: &str, value: impl Serialize) -> Self {
        self.0[name] = json!(value);
        self
    }
}

impl Deref for Fact {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl DerefMut for Fact {
    fn deref_mut(&mut self) -> &mut Value {
        &mut self.0
    }
}

impl From<Fact> for Value {
    fn from(fact: Fact) -> Self {
        fact.0
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
