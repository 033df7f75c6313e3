//! A fact, before it is stored as a row of `analytics_events`.

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::event_type::EventType;

/// The age at which facts expire; the same as the SQL function `retention_interval`.
pub const RETENTION: Months = Months::new(12);
/// [`RETENTION`] as PostgreSQL prints the interval.
pub const RETENTION_INTERVAL: &str = "1 year";

/// The reporter of a fact, which determines how far its content is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// The platform, by a message.
    Platform,
    /// A caller with the role `SERVICE`, or an import by an operator.
    Service,
    /// A caller with any other token of the tenant. Its lifecycle facts are claims, which never replace a
    /// fact of the platform or of a service.
    User,
    /// A sender without a token, with a write key, or with a token of another tenant.
    #[default]
    Untrusted,
}

impl Provenance {
    /// Its value in the column `lifecycle_ledger.provenance`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Service => "service",
            Self::User => "user",
            Self::Untrusted => "untrusted",
        }
    }

    /// Returns whether the reporter speaks for the platform. The ids of its facts are stored as they are
    /// sent, and its registrations complete platform messages.
    #[must_use]
    pub fn is_trusted(self) -> bool {
        matches!(self, Self::Platform | Self::Service)
    }
}

/// A complete fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// With `created_at`, the identity of the fact: the same pair is stored once.
    pub id: Uuid,
    /// The tenant (organization).
    pub tenant_id: Uuid,
    /// The event type.
    pub event_type: EventType,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The logged-in user.
    pub user_id: Option<Uuid>,
    /// All other properties.
    pub properties: Map<String, Value>,
    /// The time at which it happened, in microseconds.
    pub created_at: DateTime<Utc>,
    /// The reporter of the fact.
    #[serde(default)]
    pub provenance: Provenance,
}

impl Fact {
    /// Returns whether the fact has a visitor: its user, else `properties.visitorId`.
    #[must_use]
    pub fn has_visitor(&self) -> bool {
        self.user_id.is_some() || self.text("visitorId").is_some()
    }

    /// The id of the registration or payment, for a lifecycle fact.
    #[must_use]
    pub fn dedup_key(&self) -> Option<&str> {
        self.text(self.event_type.dedup_property()?)
    }

    /// The value of a text property.
    #[must_use]
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }
}
