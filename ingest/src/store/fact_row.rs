//! A fact in the form that the batch statement takes: small while it waits, and serialized on the task
//! of its source instead of the writer's.

use analytics_shared::{
    event_type::EventType,
    fact::{Fact, Provenance},
};
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer, ser::Error};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

/// The primary key of a fact: its `id` and `created_at`.
pub type Identity = (Uuid, DateTime<Utc>);

/// A row of `analytics_events`, with its ledger columns. Serialized like a [`Fact`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FactRow {
    /// `id`
    pub id: Uuid,
    /// `tenant_id`
    pub tenant_id: Uuid,
    /// `event_type`
    pub event_type: EventType,
    /// `event_id`
    pub event_id: Option<Uuid>,
    /// `user_id`
    pub user_id: Option<Uuid>,
    /// `properties`, as JSON.
    #[serde(serialize_with = "serialize_json")]
    pub properties: String,
    /// `created_at`
    pub created_at: DateTime<Utc>,
    /// The registration or payment of a lifecycle fact, which happens once to it.
    #[serde(skip)]
    pub dedup_key: Option<String>,
    /// The reporter of the fact.
    pub provenance: Provenance,
}

impl FactRow {
    /// The primary key.
    pub fn identity(&self) -> Identity {
        (self.id, self.created_at)
    }

    /// Whether it is the claim of a user: a lifecycle fact that the platform or a service can supersede.
    pub fn is_claim(&self) -> bool {
        self.dedup_key.is_some() && self.provenance == Provenance::User
    }

    /// The memory that the row takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.event_type.as_str().len()
            + self.properties.len()
            + self.dedup_key.as_ref().map_or(0, String::len)
    }
}

impl From<Fact> for FactRow {
    fn from(fact: Fact) -> Self {
        Self {
            dedup_key: fact.dedup_key().map(str::to_owned),
            provenance: fact.provenance,
            id: fact.id,
            tenant_id: fact.tenant_id,
            event_type: fact.event_type,
            event_id: fact.event_id,
            user_id: fact.user_id,
            properties: Value::Object(fact.properties).to_string(),
            created_at: fact.created_at,
        }
    }
}

/// Serializes JSON text as it is.
fn serialize_json<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(json).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}
