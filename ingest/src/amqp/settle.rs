//! From a complete fact to the acknowledgement of its message.

use std::{future::Future, time::Duration};

use analytics_shared::fact::Fact;
use lapin::{message::Delivery, options::BasicAckOptions};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::publish::Publisher;
use crate::{
    batch::Outcome,
    metrics::{self, Way},
    store::StoreError,
    writer::Writers,
};

/// Time between two attempts while the database is away.
const HOLD: Duration = Duration::from_secs(1);

/// A fact that was handed to a writer, with the message that told it.
pub struct Pending {
    /// The message.
    pub delivery: Delivery,
    /// The fact, kept in case it has to be handed over again.
    pub fact: Fact,
    /// What the writer will say.
    pub outcome: oneshot::Receiver<Outcome>,
}

/// Settles messages: acknowledged, dead-lettered, or held for later.
#[derive(Clone)]
pub struct Settler {
    /// The way to the writers.
    pub writers: Writers,
    /// The way to our own exchanges.
    pub publisher: Publisher,
    /// Ends holding.
    pub shutdown: CancellationToken,
}

impl Settler {
    /// Waits for the outcomes and settles each message by its own. Messages that are held when we
    /// are asked to stop stay unacknowledged, and the broker delivers them to somebody else.
    ///
    /// # Errors
    /// When the broker did not take a dead letter.
    pub async fn settle(self, mut chunk: Vec<Pending>) -> lapin::Result<()> {
        loop {
            let mut held = Vec::new();
            for Pending {
                delivery,
                fact,
                outcome,
            } in chunk
            {
                let outcome = outcome.await.unwrap_or(Outcome::Unavailable);
                if matches!(outcome, Outcome::Unavailable | Outcome::Broken) {
                    held.push((delivery, fact));
                    continue;
                }
                metrics::fact_settled(Way::Amqp, &fact.event_type, outcome);
                if outcome == Outcome::Refused {
                    self.dead_letter(&delivery, "database", "the database refuses a value")
                        .await?;
                } else {
                    acknowledge(&delivery).await;
                }
            }
            if held.is_empty() || !self.hold().await {
                return Ok(());
            }
            chunk = Vec::with_capacity(held.len());
            for (delivery, fact) in held {
                let outcome = self.writers.submit(fact.clone()).await;
                chunk.push(Pending {
                    delivery,
                    fact,
                    outcome,
                });
            }
        }
    }

    /// Puts a message to the dead letters and acknowledges it.
    ///
    /// # Errors
    /// When the broker did not take the dead letter; the message stays unacknowledged.
    pub async fn dead_letter(
        &self,
        delivery: &Delivery,
        reason: &'static str,
        detail: &str,
    ) -> lapin::Result<()> {
        tracing::warn!(key = %delivery.routing_key, reason, detail, "dead letter");
        metrics::refused(Way::Amqp, reason);
        self.publisher.dead_letter(delivery, detail).await?;
        metrics::dead_letter();
        acknowledge(delivery).await;
        Ok(())
    }

    /// The result of `operation`, tried until the database is there; `None` if we are asked to stop
    /// before.
    ///
    /// # Errors
    /// When the database refuses the values.
    pub async fn held<T, F, Fut>(&self, operation: F) -> Result<Option<T>, StoreError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, StoreError>>,
    {
        loop {
            match operation().await {
                Ok(value) => return Ok(Some(value)),
                Err(refused @ StoreError::RefusedValues(_)) => return Err(refused),
                Err(error) => tracing::warn!(%error, "holding messages"),
            }
            if !self.hold().await {
                return Ok(None);
            }
        }
    }

    /// Waits a moment; says whether to go on.
    async fn hold(&self) -> bool {
        tokio::select! {
            () = tokio::time::sleep(HOLD) => true,
            () = self.shutdown.cancelled() => false,
        }
    }
}

/// Acknowledges a message. If that fails the channel is gone, the broker delivers the message
/// again, and it will turn out to be a duplicate.
pub async fn acknowledge(delivery: &Delivery) {
    match delivery.acker.ack(BasicAckOptions::default()).await {
        Ok(true) => {}
        Ok(false) => tracing::debug!("acknowledgement came too late"),
        Err(error) => tracing::debug!(%error, "acknowledgement failed"),
    }
}
