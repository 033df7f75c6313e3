//! The two steps from an incoming fact to a complete one: its own data, and that of its registration.

use analytics_shared::fact::{Fact, Provenance};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{error::FactError, identity, incoming_fact::IncomingFact, source};
use crate::store::lookup::registrations::Registration;

/// Assembles a fact from its own data; [`apply_registration`] completes it.
pub fn assemble(
    incoming: IncomingFact,
    tenant_id: Uuid,
    provenance: Provenance,
    now: DateTime<Utc>,
) -> Result<Fact, FactError> {
    let created_at = identity::time(&incoming.identity, now)?;
    Ok(Fact {
        id: identity::id(&incoming, tenant_id, created_at),
        tenant_id,
        event_type: incoming.event_type,
        event_id: incoming.event_id,
        user_id: incoming.user_id,
        properties: incoming.properties,
        created_at,
        provenance,
    })
}

/// Adds the user, ticket type and source of the registration, where the fact lacks them, and sets the
/// source. Idempotent.
pub fn apply_registration(fact: &mut Fact, registration: Option<&Registration>) {
    if let Some(registration) = registration {
        fact.user_id = fact.user_id.or(registration.user_id);
        let ticket_type = [
            ("ticketTypeId", &registration.ticket_type_id),
            ("ticketTypeName", &registration.ticket_type_name),
        ];
        let lacks_ticket_type = lacks_ticket_type(&fact.properties);
        for (name, value) in ticket_type.into_iter().filter(|_| lacks_ticket_type) {
            if let Some(value) = value {
                fact.properties
                    .insert(name.to_owned(), value.clone().into());
            }
        }
    }
    let registered_source = registration.and_then(|registration| registration.source.as_deref());
    let source = source::source(&fact.event_type, &fact.properties, registered_source);
    fact.properties.insert("source".to_owned(), source.into());
}

/// Whether neither the id nor the name of a ticket type is set.
pub fn lacks_ticket_type(properties: &Map<String, Value>) -> bool {
    !["ticketTypeId", "ticketTypeName"]
        .iter()
        .any(|name| properties.contains_key(*name))
}
