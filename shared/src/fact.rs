//! One thing that happened: a row of `analytics_events`, before it is stored.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::event_type::EventType;

/// The reporter of a fact, and so how far its claims are trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// A message of the platform.
    Platform,
    /// A caller with the role `SERVICE`, or an operator's import.
    Service,
    /// Any other caller.
    #[default]
    User,
}

impl Provenance {
    /// Its name in the column `lifecycle_ledger.provenance`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Service => "service",
            Self::User => "user",
        }
    }
}

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
    /// The reporter of the fact.
    #[serde(default)]
    pub provenance: Provenance,
}

impl Fact {
    /// Whether the fact counts for a visitor: its user, else `properties.visitorId`.
    #[must_use]
    pub fn has_visitor(&self) -> bool {
        self.user_id.is_some() || self.text("visitorId").is_some()
    }

    /// The id of the registration or payment, for a lifecycle fact.
    #[must_use]
    pub fn dedup_key(&self) -> Option<&str> {
        self.text(self.event_type.dedup_property()?)
    }

    /// A property that is a text.
    #[must_use]
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }
}
