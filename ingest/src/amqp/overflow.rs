//! Where facts wait that came over HTTP while the database was away: a durable queue of ours. Its
//! messages are whole facts; everything else about them was settled when they were taken.

use analytics_shared::{
    event_type::EventType,
    fact::{Fact, Provenance},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;
use tokio::sync::watch;
use uuid::Uuid;

use super::publish::Publisher;
use crate::{enrich::Refusal, row::Row};

/// The way to the queue, which is there while the broker is.
#[derive(Clone)]
pub struct Overflow {
    publisher: watch::Receiver<Option<Publisher>>,
}

/// Why the broker does not keep a fact.
#[derive(Debug, Error)]
pub enum NotKept {
    /// There is no connection to a broker, or none that publishes at the moment.
    #[error("there is no broker to keep it")]
    NoBroker,
    /// The broker did not confirm it.
    #[error("the broker does not keep it: {0}")]
    NotConfirmed(#[from] lapin::Error),
    /// A defect of ours.
    #[error("it cannot be written as a message: {0}")]
    Unwritable(#[from] serde_json::Error),
}

/// A message of the queue, as [`Fact`] reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    id: Uuid,
    tenant_id: Uuid,
    event_type: &'a EventType,
    event_id: Option<Uuid>,
    user_id: Option<Uuid>,
    properties: &'a RawValue,
    created_at: DateTime<Utc>,
    provenance: Provenance,
}

impl Overflow {
    /// The way that `publisher` shows.
    #[must_use]
    pub fn new(publisher: watch::Receiver<Option<Publisher>>) -> Self {
        Self { publisher }
    }

    /// Whether facts can be kept, as far as we know.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let publisher = self.publisher.borrow();
        publisher.as_ref().is_some_and(Publisher::is_open)
    }

    /// Puts a fact into the queue; it is safe when this returns.
    ///
    /// # Errors
    /// When it is not known to be safe.
    pub async fn keep(&self, row: &Row) -> Result<(), NotKept> {
        let publisher = self.publisher.borrow().clone();
        let publisher = publisher.filter(Publisher::is_open);
        let message = write(row)?;
        Ok(publisher.ok_or(NotKept::NoBroker)?.keep(&message).await?)
    }
}

fn write(row: &Row) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Message {
        id: row.id,
        tenant_id: row.tenant_id,
        event_type: &row.event_type,
        event_id: row.event_id,
        user_id: row.user_id,
        properties: serde_json::from_str(&row.properties)?,
        created_at: row.created_at,
        provenance: row.provenance,
    })
}

/// Reads a message of the queue.
///
/// # Errors
/// When it is none of ours.
pub fn read(message: &[u8]) -> Result<Fact, Refusal> {
    serde_json::from_slice(message).map_err(|_| Refusal::invalid("body", "is not a kept fact"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn a_kept_fact_is_read_as_it_was_taken(
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
            prop_assert_eq!(read(&write(&fact.clone().into()).unwrap()).unwrap(), fact);
        }
    }
}
