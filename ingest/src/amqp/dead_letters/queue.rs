//! The dead-letter queue. Dead letters that are read stay unacknowledged and return to the queue at the end,
//! unless they are removed; if the process ends before, the broker requeues them.

use anyhow::Context;
use lapin::{
    Channel, Connection,
    message::Delivery,
    options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use uuid::Uuid;

use crate::amqp::publisher::{DEAD_AT, REASON};

/// A dead letter.
pub struct DeadLetter {
    /// The message.
    pub delivery: Delivery,
}

impl DeadLetter {
    /// A short id, derived from the content: positions in the queue change when it is read.
    pub fn id(&self) -> String {
        let content = [self.routing_key().as_bytes(), &self.delivery.data].concat();
        let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, &content);
        hash.simple().to_string()[..8].to_owned()
    }

    /// The routing key of the original message.
    pub fn routing_key(&self) -> &str {
        self.delivery.routing_key.as_str()
    }

    /// The reason. The broker itself sets none.
    pub fn reason(&self) -> String {
        self.header(REASON)
            .unwrap_or_else(|| "dead-lettered by the broker (delivery limit)".to_owned())
    }

    /// The time when it became a dead letter.
    pub fn dead_at(&self) -> String {
        self.header(DEAD_AT).unwrap_or_default()
    }

    /// Removes it from the queue.
    pub async fn remove(&self) -> anyhow::Result<()> {
        let removed = self.delivery.acker.ack(BasicAckOptions::default()).await?;
        anyhow::ensure!(removed, "the broker did not remove a dead letter");
        Ok(())
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = self.delivery.properties.headers().as_ref()?;
        match headers.inner().get(name)? {
            AMQPValue::LongString(text) => Some(text.to_string()),
            _ => None,
        }
    }
}

/// The dead-letter queue, of which each message is read once.
pub struct DeadLetterQueue {
    channel: Channel,
    name: String,
    initial_len: u32,
    read: u32,
}

impl DeadLetterQueue {
    /// Opens the queue `name`.
    pub async fn open(connection: &Connection, name: &str) -> anyhow::Result<Self> {
        let channel = connection.create_channel().await?;
        let passive = QueueDeclareOptions {
            passive: true,
            ..Default::default()
        };
        let declared = channel
            .queue_declare(name.into(), passive, FieldTable::default())
            .await;
        let declared = declared.with_context(|| {
            format!("there is no queue {name}; has ingest run with this AMQP_QUEUE?")
        })?;
        Ok(Self {
            channel,
            name: name.to_owned(),
            initial_len: declared.message_count(),
            read: 0,
        })
    }

    /// The number of dead letters when the queue was opened.
    pub fn initial_len(&self) -> u32 {
        self.initial_len
    }

    /// Returns the next dead letter. Later ones are not returned: replaying a message that becomes a dead
    /// letter again would never end.
    pub async fn next(&mut self) -> anyhow::Result<Option<DeadLetter>> {
        if self.read == self.initial_len {
            return Ok(None);
        }
        self.read += 1;
        let getting = self
            .channel
            .basic_get(self.name.as_str().into(), BasicGetOptions::default());
        Ok(getting.await?.map(|message| DeadLetter {
            delivery: message.delivery,
        }))
    }

    /// Returns the dead letters that match, at most `limit`.
    pub async fn find(
        &mut self,
        limit: usize,
        matches: impl Fn(&DeadLetter) -> bool,
    ) -> anyhow::Result<Vec<DeadLetter>> {
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

    /// Requeues the dead letters that were not removed.
    pub async fn requeue_unremoved(&self) -> anyhow::Result<()> {
        // Delivery tag 0 stands for all outstanding messages.
        let all = BasicNackOptions {
            multiple: true,
            requeue: true,
        };
        Ok(self.channel.basic_nack(0, all).await?)
    }
}
