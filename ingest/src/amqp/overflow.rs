//! The overflow queue: a durable queue for facts from HTTP while the database is unavailable. Its
//! messages are fact rows, which are parsed as facts, and facts without an attribution.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    time::Instant,
};

use analytics_shared::fact::Fact;
use serde::Serialize;
use thiserror::Error;
use tokio::sync::watch;
use uuid::Uuid;

use super::{delivery::parsed_delivery::Payload, publisher::Publisher};
use crate::{
    enrich::{
        apply_registration,
        error::FactError,
        incoming_fact::ChildFact,
        sender::unattributed_fact::{AttributedFact, UnattributedFact},
    },
    limits::event_values::EventValues,
    store::lookup::registrations::Registrations,
};

/// The overflow queue, which is available while the broker is.
#[derive(Clone)]
pub struct Overflow {
    publisher: watch::Receiver<Option<Publisher>>,
}

/// The reason why a fact is not in the overflow queue.
#[derive(Debug, Error)]
pub enum OverflowError {
    /// There is no connection to a broker, or the broker blocks publishers.
    #[error("no broker is available")]
    NoBroker,
    /// The broker did not confirm the message.
    #[error("the broker did not confirm the message: {0}")]
    Unconfirmed(#[from] lapin::Error),
    /// An internal error.
    #[error("the fact cannot be serialized: {0}")]
    Serialize(#[from] serde_json::Error),
}

impl Overflow {
    /// The queue that the current `publisher` reaches.
    pub fn new(publisher: watch::Receiver<Option<Publisher>>) -> Self {
        Self { publisher }
    }

    /// Whether the broker accepts messages, as far as is known.
    pub fn is_open(&self) -> bool {
        let publisher = self.publisher.borrow();
        publisher.as_ref().is_some_and(Publisher::is_open)
    }

    /// Publishes a fact, with or without an attribution. It is safe in the queue when this returns `Ok`.
    pub async fn publish(&self, fact: &impl Serialize) -> Result<(), OverflowError> {
        let publisher = self.publisher.borrow().clone();
        let publisher = publisher.filter(Publisher::is_open);
        let publisher = publisher.ok_or(OverflowError::NoBroker)?;
        Ok(publisher
            .publish_overflow(&serde_json::to_vec(fact)?)
            .await?)
    }
}

/// Parses a message of the queue.
pub fn parse(message: &[u8]) -> Result<Payload, FactError> {
    serde_json::from_slice(message)
        .map(Payload::Overflow)
        .or_else(|_| serde_json::from_slice(message).map(Payload::Unattributed))
        .map_err(|_| FactError::invalid("body", "is not a message of the overflow queue"))
}

/// Returns the fact of a message that waited without its tenant: as its request would have stored it, but that all
/// such facts add values to the days of events as one client does. Fails if its sender may not send it.
pub async fn attribute(
    fact: UnattributedFact,
    tenants: &HashMap<Uuid, Uuid>,
    known: &Registrations,
    values: &EventValues,
) -> Result<Fact, FactError> {
    let event = fact.incoming.event_id;
    let registered = event.and_then(|event| tenants.get(&event)).copied();
    let AttributedFact { mut fact, .. } = fact.attribute(registered)?;
    let registration = fact.parent_registration(known);
    apply_registration(&mut fact, registration);
    if !fact.provenance.is_trusted() {
        let client = Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED).into());
        let now = Instant::now();
        if let Err(error) = values.read(&[&fact], client, now).await {
            tracing::warn!(%error, "look-up of distinct values failed");
        }
        values.apply(&mut fact, client)?;
    }
    Ok(fact)
}

#[cfg(test)]
mod tests {
    use analytics_shared::fact::Provenance;
    use chrono::DateTime;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        store::fact_row::FactRow,
        tests::{fuzz_body, fuzz_config},
    };

    proptest! {
        #[test]
        fn a_fact_is_unchanged_by_the_overflow_queue(
            id: u128, event in any::<Option<u128>>(), user in any::<Option<u128>>(),
            micros in 0..4_000_000_000_000_000_i64, text: String, number: f64,
        ) {
            let properties = json!({"source": text, "deep": [{"number": number, "nothing": null}]});
            let fact = Fact {
                id: Uuid::from_u128(id),
                tenant_id: Uuid::from_u128(id ^ 1),
                event_type: "page.view".parse().unwrap(),
                event_id: event.map(Uuid::from_u128),
                user_id: user.map(Uuid::from_u128),
                properties: properties.as_object().unwrap().clone(),
                created_at: DateTime::from_timestamp_micros(micros).unwrap(),
                provenance: Provenance::Service,
            };
            let message = serde_json::to_vec(&FactRow::from(fact.clone())).unwrap();
            prop_assert_eq!(parse(&message).unwrap(), Payload::Overflow(fact));
        }
    }

    proptest! {
        #![proptest_config(fuzz_config())]
        #[test]
        fn a_random_message_is_a_fact_or_an_invalid_body(body in fuzz_body()) {
            if let Err(error) = parse(&body) {
                let is_invalid = matches!(error, FactError::Invalid { .. });
                prop_assert!(is_invalid, "{error:?}");
            }
        }
    }
}
