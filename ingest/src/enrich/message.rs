//! The enrichment of platform messages. Pure: no I/O.

use std::collections::HashMap;

use analytics_shared::fact::{Fact, Provenance};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    assembly::{apply_registration, assemble, lacks_ticket_type},
    error::FactError,
    incoming_fact::{ChildFact, IncomingFact},
};
use crate::store::lookup::registrations::Registration;

/// An enriched message.
pub enum EnrichedMessage {
    /// A complete fact.
    Complete(Fact),
    /// A message that lacks data of its registration.
    Incomplete(IncomingFact),
}

/// Enriches a platform message; `registration` is its parent, if that is stored, and `tenants` are those of
/// registered events. The last attempt uses the message's own data, if they suffice.
pub fn enrich_message(
    mut incoming: IncomingFact,
    registration: Option<&Registration>,
    tenants: &HashMap<Uuid, Uuid>,
    is_last_attempt: bool,
    now: DateTime<Utc>,
) -> Result<EnrichedMessage, FactError> {
    let is_child = incoming.parent_registration_id().is_some();
    let lacks_ticket_type = lacks_ticket_type(&incoming.properties);
    if is_child && registration.is_none() && !is_last_attempt && lacks_ticket_type {
        return Ok(EnrichedMessage::Incomplete(incoming));
    }
    let tenant_id = incoming
        .tenant_id
        .or(registration.map(|registration| registration.tenant_id));
    incoming.event_id = incoming
        .event_id
        .or(registration.and_then(|registration| registration.event_id));
    let (Some(tenant_id), Some(event_id)) = (tenant_id, incoming.event_id) else {
        if is_child {
            return Ok(EnrichedMessage::Incomplete(incoming));
        }
        return Err(FactError::invalid(
            "registrationId",
            "is required if tenantId or eventId is missing",
        ));
    };
    let tenant_id = tenants.get(&event_id).copied().unwrap_or(tenant_id);
    let mut fact = assemble(incoming, tenant_id, Provenance::Platform, now)?;
    apply_registration(&mut fact, registration);
    Ok(EnrichedMessage::Complete(fact))
}
