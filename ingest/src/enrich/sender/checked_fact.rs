//! The checks of a fact over HTTP that do not depend on the registry. They come before its look-up, in the same
//! order for every event, so that neither an error nor its time reveals which events exist.

use chrono::{DateTime, Utc};

use super::{Reporter, Sender, tenant, user};
use crate::enrich::{
    error::FactError,
    identity,
    incoming_fact::IncomingFact,
    properties::{changes::PropertyChanges, untrusted},
};

/// A fact without an error of its own, with its reporter.
#[derive(Debug)]
pub struct CheckedFact {
    /// The reporter.
    pub reporter: Reporter,
    /// The fact, with its user and time.
    pub incoming: IncomingFact,
    /// Whether anyone could send it about a registered event.
    pub is_unrestricted: bool,
    /// The properties that are not stored as they are sent.
    pub changes: PropertyChanges,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

impl CheckedFact {
    /// Checks a fact of `sender`.
    pub fn new(
        sender: &Sender,
        mut incoming: IncomingFact,
        now: DateTime<Utc>,
    ) -> Result<Self, FactError> {
        let reporter = sender.authorize(&incoming.event_type)?;
        let mut descriptions = Vec::new();
        if !reporter.has_token() {
            descriptions = untrusted::drop_descriptions(&mut incoming.properties);
        }
        let mut changes = incoming.normalize()?;
        changes.dropped.extend(descriptions);
        let created_at = identity::time(&incoming.identity, now)?;
        tenant::check_named(incoming.tenant_id, reporter)?;
        incoming.user_id = user::of_fact(incoming.user_id, reporter)?;
        let unrestricted = untrusted::validate(&incoming, created_at, now);
        let is_unrestricted = unrestricted.is_ok() && incoming.event_type.is_public();
        if !reporter.has_token() {
            unrestricted?;
        }
        incoming.identity.created_at = Some(created_at);
        Ok(Self {
            reporter,
            incoming,
            is_unrestricted,
            changes,
            now,
        })
    }
}
