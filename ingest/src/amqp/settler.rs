//! From a submitted fact to the acknowledgement of its message.

use lapin::message::Delivery;

use super::{acknowledger::Acknowledger, publisher::Publisher};
use crate::{
    metrics::{self, RejectionReason, Transport},
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
    /// Settles each message by the outcome of its fact. On shutdown, messages without a final outcome stay
    /// unacknowledged, and the broker delivers them to another replica. Fails if the broker does not confirm
    /// a dead letter.
    pub async fn settle(self, chunk: Vec<Pending<MessageOrigin>>) -> lapin::Result<()> {
        for (fact, outcome) in self.submitter.settle(chunk).await {
            let (delivery, transport) = &fact.origin;
            match outcome {
                Outcome::Unavailable | Outcome::Failed => continue,
                Outcome::Stored | Outcome::Duplicate => self.acknowledger.settle(delivery).await,
                Outcome::Invalid => {
                    self.dead_letter(
                        delivery,
                        RejectionReason::Database,
                        "the database rejects a value",
                    )
                    .await?;
                }
            }
            metrics::fact_settled(*transport, &fact.row.event_type, outcome.into());
        }
        self.acknowledger.flush().await;
        Ok(())
    }

    /// Publishes a message as a dead letter and settles it. If the broker does not confirm, the message
    /// stays unacknowledged.
    pub async fn dead_letter(
        &self,
        delivery: &Delivery,
        reason: RejectionReason,
        detail: &str,
    ) -> lapin::Result<()> {
        tracing::warn!(key = %delivery.routing_key, reason = <&str>::from(reason), detail, "dead letter");
        metrics::rejected(Transport::Amqp, reason);
        self.publisher.dead_letter(delivery, detail).await?;
        metrics::message_dead_lettered();
        self.acknowledger.settle(delivery).await;
        Ok(())
    }
}
