//! One thing that happened: a row of `analytics_events`, before it is stored.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::event_type::EventType;

/// A fact that is complete: who, what, where and when are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// With `created_at` the identity of the fact: the same pair is stored once.
    pub id: Uuid,
    /// The organization that the fact belongs to.
    pub tenant_id: Uuid,
    /// What happened.
    pub event_type: EventType,
    /// The ticketing event that it happened to.
    pub event_id: Option<Uuid>,
    /// The logged-in person who did it.
    pub user_id: Option<Uuid>,
    /// Everything else that is known about it.
    pub properties: Map<String, Value>,
    /// When it happened, in microseconds.
    pub created_at: DateTime<Utc>,
}

impl Fact {
    /// The visitor the fact counts for: the user, else `properties.visitorId`.
    #[must_use]
    pub fn visitor(&self) -> Option<String> {
        match self.user_id {
            Some(user) => Some(user.to_string()),
            None => self.text("visitorId").map(str::to_owned),
        }
    }

    /// The registration or payment that a lifecycle fact happens to at most once.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.event_type
            .subject()
            .and_then(|subject| self.text(subject.property()))
    }

    /// A property that is a text.
    #[must_use]
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }
}
