//! Acknowledging messages, many with one word: every word wakes us and the broker.
//!
//! A channel numbers its deliveries from 1 on. To acknowledge one "and all before it" is right once
//! all before it are settled; what the broker has sent and nobody has looked at yet is not.

use std::{collections::BTreeSet, mem, sync::Arc};

use lapin::{Channel, message::Delivery, options::BasicAckOptions};
use tokio::sync::Mutex;

/// The deliveries of one channel that are settled and not yet acknowledged.
#[derive(Clone)]
pub struct Acknowledger {
    channel: Channel,
    /// Locked while the broker is told: a smaller number after a greater one is an error to it.
    settled: Arc<Mutex<Settled>>,
}

/// Numbers of settled deliveries.
#[derive(Debug, Default)]
struct Settled {
    /// All up to this one are settled.
    all_up_to: u64,
    /// Those beyond it.
    beyond: BTreeSet<u64>,
    /// All up to this one are acknowledged.
    acknowledged: u64,
}

impl Acknowledger {
    /// For the deliveries of `channel`, on which nobody else acknowledges.
    #[must_use]
    pub fn on(channel: Channel) -> Self {
        let settled = Arc::default();
        Self { channel, settled }
    }

    /// The message has come to its end; [`Self::tell`] says so to the broker.
    pub async fn settle(&self, delivery: &Delivery) {
        self.settled.lock().await.settle(delivery.delivery_tag);
    }

    /// Acknowledges what is settled, as far as nothing before it is open.
    pub async fn tell(&self) {
        let mut settled = self.settled.lock().await;
        if let Some(last) = settled.due() {
            self.acknowledge(last, true).await;
        }
    }

    /// Acknowledges everything that is settled: what is open stays so for good.
    pub async fn tell_all(&self) {
        self.tell().await;
        for tag in mem::take(&mut self.settled.lock().await.beyond) {
            self.acknowledge(tag, false).await;
        }
    }

    /// If this fails the channel is gone, the broker delivers the messages again, and they will turn
    /// out to be duplicates.
    async fn acknowledge(&self, tag: u64, multiple: bool) {
        let acknowledging = self.channel.basic_ack(tag, BasicAckOptions { multiple });
        if let Err(error) = acknowledging.await {
            tracing::debug!(%error, "acknowledgement failed");
        }
    }
}

impl Settled {
    fn settle(&mut self, tag: u64) {
        self.beyond.insert(tag);
        while self.beyond.remove(&(self.all_up_to + 1)) {
            self.all_up_to += 1;
        }
    }

    /// What to acknowledge now, with all before it.
    fn due(&mut self) -> Option<u64> {
        (self.all_up_to > self.acknowledged).then(|| {
            self.acknowledged = self.all_up_to;
            self.all_up_to
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_acknowledged_once_and_not_before_all_others_that_came_earlier() {
        let mut settled = Settled::default();
        let mut due_after = |tag| {
            settled.settle(tag);
            settled.due()
        };
        assert_eq!(due_after(2), None);
        assert_eq!(due_after(4), None);
        assert_eq!(due_after(1), Some(2));
        assert_eq!(due_after(3), Some(4));
        assert_eq!(settled.due(), None);
        assert!(settled.beyond.is_empty());
    }
}
