//! A delivery with its parsed payload.

use analytics_shared::fact::Fact;
use lapin::message::Delivery;
use opentelemetry::Context;

use crate::enrich::{
    incoming_fact::{ChildFact, IncomingFact},
    sender::unattributed_fact::UnattributedFact,
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
}
