//! The two steps from a draft to a whole fact: what it says itself, and what its registration adds.

use analytics_shared::fact::{Fact, Provenance};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Draft, Refusal, identity, source};
use crate::store::Registration;

/// The fact that a draft tells by itself; [`fill_in`] makes it whole.
///
/// # Errors
/// When its id and time cannot be taken.
pub fn begin(
    draft: Draft,
    tenant_id: Uuid,
    provenance: Provenance,
    now: DateTime<Utc>,
) -> Result<Fact, Refusal> {
    let Draft {
        event_type,
        claimed,
        event_id,
        user_id,
        properties,
        ..
    } = draft;
    let subject = event_type.dedup_property();
    let subject = subject
        .and_then(|name| properties.get(name))
        .and_then(Value::as_str);
    let (id, created_at) = identity::identity(claimed, &event_type, tenant_id, subject, now)?;
    Ok(Fact {
        id,
        tenant_id,
        event_type,
        event_id,
        user_id,
        properties,
        created_at,
        provenance,
    })
}

/// Adds what the registration tells that the fact follows, if it is known, and settles the source.
/// What is whole already stays as it is.
pub fn fill_in(fact: &mut Fact, registration: Option<&Registration>) {
    if let Some(registration) = registration {
        fact.user_id = fact.user_id.or(registration.user_id);
        let ticket_type = [
            ("ticketTypeId", &registration.ticket_type_id),
            ("ticketTypeName", &registration.ticket_type_name),
        ];
        let lacks = lacks_ticket_type(&fact.properties);
        for (name, value) in ticket_type.into_iter().filter(|_| lacks) {
            if let Some(value) = value {
                fact.properties
                    .insert(name.to_owned(), value.clone().into());
            }
        }
    }
    let of_registration = registration.and_then(|known| known.source.as_deref());
    let source = source::source(&fact.properties, of_registration);
    fact.properties.insert("source".to_owned(), source.into());
}

/// Whether neither the id nor the name of a ticket type is given.
#[must_use]
pub fn lacks_ticket_type(properties: &Map<String, Value>) -> bool {
    !["ticketTypeId", "ticketTypeName"]
        .iter()
        .any(|name| properties.contains_key(*name))
}
