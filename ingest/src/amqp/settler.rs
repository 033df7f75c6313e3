//! From a submitted fact to the acknowledgement of its message.

use lapin::message::Delivery;

use super::{acknowledger::Acknowledger, publisher::Publisher};
use crate::{
    metrics::{self, Transport},
    pipeline::pending::{Pending, Submitter},
    writer::outcome::Outcome,
};

/// A message whose fact is submitted, with its transport.
pub type MessageOrigin = (Delivery, Transport);

/// Settles messages: acknowledges them, or publishes them as dead letters.
#[derive(Clone)]
pub struct Settler {
    /// Submits facts.
    pub submitter: Submitter,
    /// Publishes dead letters and retries.
    pub publisher: Publisher,
    /// Acknowledges messages.
    pub acknowledger: Acknowledger,
}

impl Settler {
    /// Settles each message by the outcome of its fact, and submits facts again while the database is
    /// unavailable. On shutdown the remaining messages stay unacknowledged, and the broker delivers them
    /// to another replica. Fails if the broker does not confirm a dead letter.
    pub async fn settle(self, mut chunk: Vec<Pending<MessageOrigin>>) -> lapin::Result<()> {
        loop {
            let mut unsettled = Vec::new();
            for mut fact in chunk {
                let outcome = fact.outcome().await;
                if matches!(outcome, Outcome::Unavailable | Outcome::Failed) {
                    unsettled.push(fact);
                    continue;
                }
                let (delivery, transport) = &fact.origin;
                metrics::fact_settled(*transport, &fact.row.event_type, outcome.label());
                if outcome == Outcome::Invalid {
                    self.dead_letter(delivery, "database", "the database rejects a value")
                        .await?;
                } else {
                    self.acknowledger.settle(delivery).await;
                }
            }
            self.acknowledger.flush().await;
            if unsettled.is_empty() || !self.submitter.resubmit(&mut unsettled).await {
                return Ok(());
            }
            chunk = unsettled;
        }
    }

    /// Publishes a message as a dead letter and settles it. If the broker does not confirm, the message
    /// stays unacknowledged.
    pub async fn dead_letter(
        &self,
        delivery: &Delivery,
        reason: &'static str,
        detail: &str,
    ) -> lapin::Result<()> {
        tracing::warn!(key = %delivery.routing_key, reason, detail, "dead letter");
        metrics::rejected(Transport::Amqp, reason);
        self.publisher.dead_letter(delivery, detail).await?;
        metrics::message_dead_lettered();
        self.acknowledger.settle(delivery).await;
        Ok(())
    }
}
