//! A fact as its producer sends it, before its tenant is known.

use analytics_shared::{
    event_type::{
        EventType, PAGE_VIEW, REGISTRATION_COMPLETED, REGISTRATION_ID, REGISTRATION_STARTED,
    },
    fact::{Fact, Provenance},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    error::FactError,
    properties::{self, changes::PropertyChanges},
};
use crate::store::lookup::registrations::{Registration, Registrations};

/// The id and time that a producer sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientIdentity {
    /// The id.
    pub id: Option<Uuid>,
    /// The time.
    pub created_at: Option<DateTime<Utc>>,
}

/// A fact as its producer sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IncomingFact {
    /// The event type.
    pub event_type: EventType,
    /// The id and time, as far as the producer sets them.
    pub identity: ClientIdentity,
    /// The tenant, if named.
    pub tenant_id: Option<Uuid>,
    /// The ticketing event, if named.
    pub event_id: Option<Uuid>,
    /// The user, if named.
    pub user_id: Option<Uuid>,
    /// All other fields.
    pub properties: Map<String, Value>,
}

impl IncomingFact {
    /// Brings the properties into their stored form, and validates that a known event type has an event. Returns
    /// the properties that are not stored as they are sent.
    pub fn normalize(&mut self) -> Result<PropertyChanges, FactError> {
        let changes = properties::normalize(&self.event_type, &mut self.properties)?;
        if self.event_id.is_none() && self.event_type.is_known() {
            return Err(FactError::invalid(
                "eventId",
                "is required for this event type",
            ));
        }
        Ok(changes)
    }

    /// Returns whether the fact has a visitor: its user, or `properties.visitorId`.
    pub fn has_visitor(&self) -> bool {
        let visitor = self.properties.get("visitorId");
        self.user_id.is_some() || visitor.is_some_and(Value::is_string)
    }

    /// The registration or payment of a lifecycle fact, which happens once to it.
    pub fn dedup_key(&self) -> Option<&str> {
        let property = self.event_type.dedup_property()?;
        self.properties.get(property)?.as_str()
    }
}

/// A fact that may belong to a registration, which completes it.
pub trait ChildFact {
    /// Whether a registration that only a user claims may complete the fact. Only facts of users may be
    /// completed by claims: those of the platform never are.
    fn accepts_claims(&self) -> bool;

    /// The event type, properties, tenant and event, as far as they are known.
    fn parts(&self) -> (&EventType, &Map<String, Value>, Option<Uuid>, Option<Uuid>);

    /// The ticketing event, if known.
    fn event_id(&self) -> Option<Uuid> {
        self.parts().3
    }

    /// The id of the registration that the fact belongs to. A registration itself has no parent.
    fn parent_registration_id(&self) -> Option<&str> {
        let (event_type, properties, ..) = self.parts();
        let precedes_registration = matches!(
            event_type.as_str(),
            REGISTRATION_COMPLETED | PAGE_VIEW | REGISTRATION_STARTED
        );
        let id = properties.get(REGISTRATION_ID)?.as_str();
        id.filter(|_| !precedes_registration && event_type.is_known())
    }

    /// The id of the registration that the fact itself is.
    fn own_registration_id(&self) -> Option<&str> {
        let (event_type, properties, ..) = self.parts();
        let is_registration = event_type.as_str() == REGISTRATION_COMPLETED;
        properties
            .get(REGISTRATION_ID)?
            .as_str()
            .filter(|_| is_registration)
    }

    /// The registration that the fact belongs to, if exactly one of `known` matches.
    fn parent_registration<'a>(&self, known: &'a Registrations) -> Option<&'a Registration> {
        let (.., tenant_id, event_id) = self.parts();
        let id = self.parent_registration_id()?;
        known.find(id, tenant_id, event_id, self.accepts_claims())
    }
}

impl ChildFact for IncomingFact {
    fn accepts_claims(&self) -> bool {
        false
    }

    fn parts(&self) -> (&EventType, &Map<String, Value>, Option<Uuid>, Option<Uuid>) {
        (
            &self.event_type,
            &self.properties,
            self.tenant_id,
            self.event_id,
        )
    }
}

impl ChildFact for Fact {
    fn accepts_claims(&self) -> bool {
        self.provenance == Provenance::User
    }

    fn parts(&self) -> (&EventType, &Map<String, Value>, Option<Uuid>, Option<Uuid>) {
        (
            &self.event_type,
            &self.properties,
            Some(self.tenant_id),
            self.event_id,
        )
    }
}
