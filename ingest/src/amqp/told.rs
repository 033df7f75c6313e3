//! What a message says about something that happened, with the message itself.

use analytics_shared::fact::Fact;
use lapin::message::Delivery;

use crate::{
    enrich::{Draft, followed_registration},
    store::{Registration, Registrations},
};

/// A message and what it says.
pub struct Told {
    /// The message.
    pub delivery: Delivery,
    /// What it says.
    pub said: Said,
}

/// What a message says.
#[derive(Debug)]
pub enum Said {
    /// What the platform tells.
    Draft(Draft),
    /// A fact that we kept ourselves.
    Kept(Fact),
}

impl Said {
    /// The registration that it follows.
    pub fn followed_registration(&self) -> Option<&str> {
        let (event_type, properties) = match self {
            Self::Draft(draft) => (&draft.event_type, &draft.properties),
            Self::Kept(fact) => (&fact.event_type, &fact.properties),
        };
        followed_registration(event_type, properties)
    }

    /// The one registration that it follows, if it is among `known`.
    pub fn registration<'a>(&self, known: &'a Registrations) -> Option<&'a Registration> {
        let (tenant_id, event_id) = match self {
            Self::Draft(draft) => (draft.tenant_id, draft.event_id),
            Self::Kept(fact) => (Some(fact.tenant_id), fact.event_id),
        };
        known.fitting(self.followed_registration()?, tenant_id, event_id)
    }
}
