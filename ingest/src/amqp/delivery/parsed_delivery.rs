//! A delivery with its parsed payload.

use std::collections::HashSet;

use analytics_shared::fact::Fact;
use lapin::message::Delivery;
use opentelemetry::Context;

use crate::{
    enrich::{
        incoming_fact::{ChildFact, IncomingFact},
        sender::unattributed_fact::UnattributedFact,
    },
    metrics::{self, IgnoredClaim},
    store::lookup::registrations::Registrations,
};

/// A delivery with its parsed payload.
pub struct ParsedDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// The payload.
    pub payload: Payload,
    /// The context with the span of its processing.
    pub context: Context,
}

/// The fact of a message.
#[derive(Debug, PartialEq)]
pub enum Payload {
    /// A fact of the platform.
    Incoming(IncomingFact),
    /// A fact from the overflow queue.
    Overflow(Fact),
    /// A fact from the overflow queue whose tenant has not been determined.
    Unattributed(UnattributedFact),
}

impl ParsedDelivery {
    /// The fact as one that may belong to a registration.
    pub fn child(&self) -> &dyn ChildFact {
        match &self.payload {
            Payload::Incoming(fact) => fact,
            Payload::Overflow(fact) => fact,
            Payload::Unattributed(fact) => &fact.incoming,
        }
    }

    /// Counts the message if users have claimed its registration, which is not among the `known` ones of others.
    pub fn count_claim(&self, known: &Registrations) {
        let id = self.child().parent_registration_id();
        if id.is_some_and(|id| known.has_claim(id)) {
            metrics::claim_ignored(IgnoredClaim::Message);
            tracing::warn!("a message is not completed by a registration that only a user claims");
        }
    }
}

/// Splits off the messages whose registration is in the same chunk.
pub fn split_by_registration(
    chunk: Vec<ParsedDelivery>,
) -> (Vec<ParsedDelivery>, Vec<ParsedDelivery>) {
    let registrations = chunk
        .iter()
        .filter_map(|message| message.child().own_registration_id());
    let registrations: HashSet<String> = registrations.map(str::to_owned).collect();
    chunk.into_iter().partition(|message| {
        let parent = message.child().parent_registration_id();
        parent.is_some_and(|parent| registrations.contains(parent))
    })
}
