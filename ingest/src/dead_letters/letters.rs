//! Reading the dead-letter queue. What is read stays unacknowledged and goes back in the end, unless
//! it is removed; if we end before, the broker puts it back.

use anyhow::Context;
use lapin::{
    Channel, Connection,
    message::Delivery,
    options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use uuid::Uuid;

use crate::amqp::{DEAD_AT, REASON};

/// A dead letter.
pub struct Letter {
    /// The message.
    pub delivery: Delivery,
}

impl Letter {
    /// A short name that follows from what it says: places in the queue change when it is read.
    pub fn id(&self) -> String {
        let said = [self.routing_key().as_bytes(), &self.delivery.data].concat();
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &said)
            .simple()
            .to_string()[..8]
            .to_owned()
    }

    /// The routing key that it was sent with.
    pub fn routing_key(&self) -> &str {
        self.delivery.routing_key.as_str()
    }

    /// Why it is here. What the broker itself gave up on carries no reason of ours.
    pub fn reason(&self) -> String {
        self.header(REASON)
            .unwrap_or_else(|| "given up by the broker (delivery limit)".to_owned())
    }

    /// Since when.
    pub fn dead_at(&self) -> String {
        self.header(DEAD_AT).unwrap_or_default()
    }

    /// Takes it out of the queue.
    pub async fn remove(&self) -> anyhow::Result<()> {
        let removed = self.delivery.acker.ack(BasicAckOptions::default()).await?;
        anyhow::ensure!(removed, "the broker did not remove a dead letter");
        Ok(())
    }

    fn header(&self, name: &str) -> Option<String> {
        match self
            .delivery
            .properties
            .headers()
            .as_ref()?
            .inner()
            .get(name)?
        {
            AMQPValue::LongString(text) => Some(text.to_string()),
            _ => None,
        }
    }
}

/// The dead letters of a queue, each of which is read once.
pub struct Letters {
    channel: Channel,
    queue: String,
    waiting: u32,
    read: u32,
}

impl Letters {
    /// The letters that are in `queue` now.
    pub async fn of(connection: &Connection, queue: &str) -> anyhow::Result<Self> {
        let channel = connection.create_channel().await?;
        let passive = QueueDeclareOptions {
            passive: true,
            ..Default::default()
        };
        let declared = channel
            .queue_declare(queue.into(), passive, FieldTable::default())
            .await;
        let waiting = declared
            .with_context(|| {
                format!("there is no queue {queue}; has ingest run with this AMQP_QUEUE?")
            })?
            .message_count();
        Ok(Self {
            channel,
            queue: queue.to_owned(),
            waiting,
            read: 0,
        })
    }

    /// How many there were at the beginning.
    pub fn waiting(&self) -> u32 {
        self.waiting
    }

    /// The next one; those that come after the beginning are left for another time, or replaying a
    /// letter that dies again would never end.
    pub async fn next(&mut self) -> anyhow::Result<Option<Letter>> {
        if self.read == self.waiting {
            return Ok(None);
        }
        self.read += 1;
        let options = BasicGetOptions::default();
        let got = self
            .channel
            .basic_get(self.queue.as_str().into(), options)
            .await?;
        Ok(got.map(|message| Letter {
            delivery: message.delivery,
        }))
    }

    /// Those that match, at most `limit`.
    pub async fn some(
        &mut self,
        limit: usize,
        matches: impl Fn(&Letter) -> bool,
    ) -> anyhow::Result<Vec<Letter>> {
        let mut found = Vec::new();
        while found.len() < limit
            && let Some(letter) = self.next().await?
        {
            if matches(&letter) {
                found.push(letter);
            }
        }
        Ok(found)
    }

    /// Lets everything that was not removed go back to its place.
    pub async fn put_back(&self) -> anyhow::Result<()> {
        // Delivery tag 0 stands for all that are outstanding.
        let all = BasicNackOptions {
            multiple: true,
            requeue: true,
        };
        Ok(self.channel.basic_nack(0, all).await?)
    }
}
