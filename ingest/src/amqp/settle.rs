//! From a complete fact to the acknowledgement of its message.

use std::sync::Arc;

use lapin::message::Delivery;
use tokio::sync::oneshot;

use super::{acknowledge::Acknowledger, publish::Publisher};
use crate::{
    batch::Outcome,
    hold::Hold,
    metrics::{self, Way},
    row::Row,
    writer::Writers,
};

/// A fact that was handed to a writer, with the message that told it.
pub struct Pending {
    /// The message.
    pub delivery: Delivery,
    /// By what way it came.
    pub way: Way,
    /// The fact, kept in case it has to be handed over again.
    pub row: Arc<Row>,
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
    /// Waits while the database is away.
    pub hold: Hold,
    /// Tells the broker what is settled.
    pub acknowledger: Acknowledger,
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
                way,
                row,
                outcome,
            } in chunk
            {
                let outcome = outcome.await.unwrap_or(Outcome::Unavailable);
                if matches!(outcome, Outcome::Unavailable | Outcome::Broken) {
                    held.push((delivery, way, row));
                    continue;
                }
                metrics::fact_settled(way, &row.event_type, outcome.into());
                if outcome == Outcome::Refused {
                    self.dead_letter(&delivery, "database", "the database refuses a value")
                        .await?;
                } else {
                    self.acknowledger.settle(&delivery).await;
                }
            }
            self.acknowledger.tell().await;
            if held.is_empty() || !self.hold.moment().await {
                return Ok(());
            }
            chunk = Vec::with_capacity(held.len());
            for (delivery, way, row) in held {
                let outcome = self.writers.submit(Arc::clone(&row)).await;
                chunk.push(Pending {
                    delivery,
                    way,
                    row,
                    outcome,
                });
            }
        }
    }

    /// Puts a message to the dead letters and settles it.
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
        self.acknowledger.settle(delivery).await;
        Ok(())
    }
}
