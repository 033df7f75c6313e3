//! From a submitted fact to the acknowledgement of its message.

use lapin::message::Delivery;
use opentelemetry::{Context, context::FutureExt};

use super::{acknowledger::Acknowledger, delivery::span, publisher::Publisher};
use crate::{
    metrics::{self, RejectionReason, Transport},
    pipeline::pending::{Pending, Submitter},
    writer::outcome::Outcome,
};

/// A message whose fact is submitted.
pub struct MessageOrigin {
    /// The message.
    pub delivery: Delivery,
    /// Its transport.
    pub transport: Transport,
    /// The context with the span of its processing, which ends with this value.
    pub context: Context,
}

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
            let MessageOrigin {
                delivery,
                transport,
                context,
            } = &fact.origin;
            match outcome {
                Outcome::Unavailable | Outcome::Failed => continue,
                Outcome::Stored | Outcome::Duplicate => self.acknowledger.settle(delivery).await,
                Outcome::Invalid => {
                    self.dead_letter(
                        delivery,
                        RejectionReason::Database,
                        "the database rejects a value",
                    )
                    .with_context(context.clone())
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
        let name = <&str>::from(reason);
        tracing::warn!(key = %delivery.routing_key, reason = name, detail, "dead letter");
        span::record_failure(name);
        metrics::rejected(Transport::Amqp, reason);
        self.publisher.dead_letter(delivery, detail).await?;
        metrics::message_dead_lettered();
        self.acknowledger.settle(delivery).await;
        Ok(())
    }
}
