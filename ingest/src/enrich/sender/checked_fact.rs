//! The checks of a fact over HTTP that do not depend on the registry. They come before its look-up, in the same
//! order for every event, so that neither an error nor its time reveals which events exist.

use analytics_shared::fact::Provenance;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Reporter, Sender, tenant, user};
use crate::enrich::{
    error::FactError,
    identity,
    incoming_fact::IncomingFact,
    properties::{changes::PropertyChanges, untrusted},
};

/// A fact without an error of its own, with its reporter.
#[derive(Debug)]
pub struct CheckedFact<'a> {
    /// The reporter.
    pub reporter: Reporter<'a>,
    /// The fact, with its user.
    pub incoming: IncomingFact,
    /// The properties that are not stored as they are sent.
    pub changes: PropertyChanges,
    /// The time of the fact.
    created_at: DateTime<Utc>,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

impl<'a> CheckedFact<'a> {
    /// Checks a fact of `sender`.
    pub fn new(
        sender: &'a Sender,
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
        if !reporter.has_token() {
            untrusted::validate(&incoming, created_at, now)?;
        }
        Ok(Self {
            reporter,
            incoming,
            changes,
            created_at,
            now,
        })
    }

    /// Returns the tenant of the fact, and how far the fact is trusted there. `registered` is the tenant that
    /// has registered its event. Drops the properties that an untrusted fact cannot have.
    pub fn attribute(&mut self, registered: Option<Uuid>) -> Result<(Uuid, Provenance), FactError> {
        let incoming = &self.incoming;
        let is_unrestricted = || {
            incoming.event_type.is_public()
                && untrusted::validate(incoming, self.created_at, self.now).is_ok()
        };
        let named = incoming.tenant_id;
        let (tenant, provenance) =
            tenant::of_fact(self.reporter, registered, named, is_unrestricted)?;
        if provenance == Provenance::Untrusted {
            untrusted::drop_not_allowed(&mut self.incoming.properties, &mut self.changes.dropped);
        }
        Ok((tenant, provenance))
    }
}
