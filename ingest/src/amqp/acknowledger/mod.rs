//! Batches acknowledgements (`multiple`): each frame costs a wake-up on both sides.
//!
//! A channel numbers its deliveries from 1 ("delivery tags"). Acknowledging one "and all before it" is
//! correct once all before it are settled; deliveries beyond it are not affected.

mod received;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    mem,
    sync::{self, Arc, PoisonError},
    time::{Duration, Instant},
};

use lapin::{Channel, message::Delivery, options::BasicAckOptions};
use tokio::{sync::Mutex, time::sleep};

use crate::metrics;
use received::ReceivedTags;

/// The time between two reports of the unsettled deliveries.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Acknowledges the deliveries of one channel.
#[derive(Clone)]
pub struct Acknowledger {
    channel: Channel,
    /// Locked while an acknowledgement is sent: the broker rejects a smaller tag after a greater one.
    settled: Arc<Mutex<SettledTags>>,
    received: Arc<sync::Mutex<ReceivedTags>>,
}

/// The tags of settled deliveries.
#[derive(Debug, Default)]
struct SettledTags {
    /// All deliveries up to this tag are settled.
    low_watermark: u64,
    /// Settled deliveries beyond the watermark.
    out_of_order: BTreeSet<u64>,
    /// All deliveries up to this tag are acknowledged.
    acknowledged: u64,
}

impl Acknowledger {
    /// An acknowledger for `channel`, the only one on it.
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            settled: Arc::default(),
            received: Arc::default(),
        }
    }

    /// Notes a delivery, which is unsettled from now on.
    pub fn receive(&self, delivery: &Delivery) {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.receive(delivery.delivery_tag, Instant::now());
    }

    /// Reports the unsettled deliveries for ever.
    pub async fn report(&self) -> Infallible {
        loop {
            let (settled, low_watermark) = {
                let settled = self.settled.lock().await;
                (settled.number(), settled.low_watermark)
            };
            let (number, oldest) = {
                let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
                (received.number(), received.oldest_beyond(low_watermark))
            };
            let unsettled = usize::try_from(number.saturating_sub(settled)).unwrap_or(usize::MAX);
            let age = oldest
                .filter(|_| unsettled > 0)
                .map(|oldest| oldest.elapsed());
            metrics::messages_unacknowledged(unsettled, age.unwrap_or_default());
            sleep(REPORT_INTERVAL).await;
        }
    }

    /// Marks a delivery as settled; [`Self::flush`] acknowledges it.
    pub async fn settle(&self, delivery: &Delivery) {
        self.settled.lock().await.settle(delivery.delivery_tag);
    }

    /// Acknowledges the settled deliveries up to the first unsettled one.
    pub async fn flush(&self) {
        let mut settled = self.settled.lock().await;
        if let Some(tag) = settled.due() {
            self.acknowledge(tag, true).await;
        }
    }

    /// Acknowledges all settled deliveries, before the channel closes.
    pub async fn flush_all(&self) {
        self.flush().await;
        for tag in mem::take(&mut self.settled.lock().await.out_of_order) {
            self.acknowledge(tag, false).await;
        }
    }

    /// If this fails, the channel is closed and the broker delivers the messages again; they are then
    /// duplicates.
    async fn acknowledge(&self, tag: u64, multiple: bool) {
        let acknowledging = self.channel.basic_ack(tag, BasicAckOptions { multiple });
        if let Err(error) = acknowledging.await {
            tracing::debug!(%error, "acknowledgement failed");
        }
    }
}

impl SettledTags {
    fn settle(&mut self, tag: u64) {
        self.out_of_order.insert(tag);
        while self.out_of_order.remove(&(self.low_watermark + 1)) {
            self.low_watermark += 1;
        }
    }

    /// The number of settled deliveries.
    fn number(&self) -> u64 {
        self.low_watermark + self.out_of_order.len() as u64
    }

    /// The tag to acknowledge now, with all before it.
    fn due(&mut self) -> Option<u64> {
        (self.low_watermark > self.acknowledged).then(|| {
            self.acknowledged = self.low_watermark;
            self.low_watermark
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_acknowledged_once_and_after_all_earlier_ones() {
        let mut settled = SettledTags::default();
        let mut due_after = |tag| {
            settled.settle(tag);
            settled.due()
        };
        assert_eq!(due_after(2), None);
        assert_eq!(due_after(4), None);
        assert_eq!(due_after(1), Some(2));
        assert_eq!(due_after(3), Some(4));
        assert_eq!(settled.due(), None);
        assert!(settled.out_of_order.is_empty());
    }
}
