//! A fact as the statement that stores it takes it: what waits for a writer is small, and made
//! ready where the fact came in rather than by the writer.

use analytics_shared::{
    event_type::EventType,
    fact::{Fact, Provenance},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// What identifies a fact.
pub type Identity = (Uuid, DateTime<Utc>);

/// One row of `analytics_events`, with what else the statement asks about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
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
    pub properties: String,
    /// `created_at`
    pub created_at: DateTime<Utc>,
    /// The registration or payment that a lifecycle fact happens to once.
    pub dedup_key: Option<String>,
    /// The reporter of the fact.
    pub provenance: Provenance,
}

impl Row {
    /// The identity of the fact.
    #[must_use]
    pub fn identity(&self) -> Identity {
        (self.id, self.created_at)
    }

    /// Memory that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.event_type.as_str().len()
            + self.properties.len()
            + self.dedup_key.as_ref().map_or(0, String::len)
    }
}

impl From<Fact> for Row {
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
