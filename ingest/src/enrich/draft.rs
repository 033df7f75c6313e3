//! What a producer says happened, before we know whose it is.

use analytics_shared::event_type::{
    EventType, PAGE_VIEW, REGISTRATION_COMPLETED, REGISTRATION_ID, REGISTRATION_STARTED,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Refusal, identity::Claimed, properties};

/// What a producer says happened.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What happened.
    pub event_type: EventType,
    /// Its id and time, as far as the producer gave them.
    pub claimed: Claimed,
    /// The organization, if named.
    pub tenant_id: Option<Uuid>,
    /// The ticketing event, if named.
    pub event_id: Option<Uuid>,
    /// The person, if named.
    pub user_id: Option<Uuid>,
    /// Everything else.
    pub properties: Map<String, Value>,
}

impl Draft {
    /// Checks what a producer of any kind says by itself.
    ///
    /// # Errors
    /// When a property is wrong, or the event is missing where it is needed.
    pub(super) fn check(&mut self) -> Result<(), Refusal> {
        properties::check(&self.event_type, &mut self.properties)?;
        if self.event_id.is_none() && self.event_type.is_known() {
            return Err(Refusal::invalid("eventId", "is needed for this event type"));
        }
        Ok(())
    }
}

/// The registration that something follows: one that may complete it. A registration itself follows
/// none.
#[must_use]
pub fn followed_registration<'a>(
    event_type: &EventType,
    properties: &'a Map<String, Value>,
) -> Option<&'a str> {
    let begins = matches!(
        event_type.as_str(),
        REGISTRATION_COMPLETED | PAGE_VIEW | REGISTRATION_STARTED
    );
    let id = properties.get(REGISTRATION_ID);
    id.and_then(Value::as_str)
        .filter(|_| !begins && event_type.is_known())
}
