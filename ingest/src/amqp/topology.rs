//! The exchanges and queues: the platform's exchange, and those of the service.
//!
//! ```text
//! events (topic) ──bindings──▶ analytics.queue ◀── analytics.queue.requeue (fanout)
//!                                                            ▲ after the delay
//!            analytics.queue.retry (fanout) ──▶ analytics.queue.retry
//!            analytics.queue.dlx (fanout)   ──▶ analytics.queue.dead-letters
//!                              default exchange ──▶ analytics.queue.overflow
//! ```
//!
//! Fanout exchanges preserve the routing key, which alone contains the type of a message.

use lapin::{
    Channel, Connection, ErrorKind, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

use crate::config::AmqpConfig;

/// The number of deliveries after which the broker dead-letters a message.
const DELIVERY_LIMIT: i64 = 50;
/// The delivery limit of queues whose messages must not be dropped: each inspection of dead letters delivers
/// and requeues them, and facts in the overflow queue are nowhere else.
const UNLIMITED: i64 = 1_000_000_000;
/// The maximum size of the overflow queue, in bytes; beyond it the queue rejects messages.
const OVERFLOW_MAX_BYTES: i64 = 1024 * 1024 * 1024;
/// The consumer acknowledgement time-out, in milliseconds. Messages stay unacknowledged while the database is
/// unavailable, for longer than the broker's default of 30 minutes.
const CONSUMER_TIMEOUT: i64 = 24 * 60 * 60 * 1000;

/// The names of the exchanges and queues.
#[derive(Clone, Debug)]
pub struct Topology {
    /// The platform's topic exchange.
    pub exchange: String,
    /// The queue of platform messages.
    pub queue: String,
    /// The exchange and queue of messages that wait for a retry.
    pub retry: String,
    /// The exchange through which messages return to the queue.
    pub requeue_exchange: String,
    /// The dead-letter exchange.
    pub dead_letter_exchange: String,
    /// The dead-letter queue.
    pub dead_letters: String,
    /// The overflow queue.
    pub overflow: String,
}

impl Topology {
    /// The names for a configuration.
    pub fn new(config: &AmqpConfig) -> Self {
        let queue = &config.amqp_queue;
        Self {
            exchange: config.amqp_exchange.clone(),
            queue: queue.clone(),
            retry: format!("{queue}.retry"),
            requeue_exchange: format!("{queue}.requeue"),
            dead_letter_exchange: format!("{queue}.dlx"),
            dead_letters: format!("{queue}.dead-letters"),
            overflow: format!("{queue}.overflow"),
        }
    }

    /// The names of the queues.
    pub fn queues(&self) -> [&str; 4] {
        [&self.queue, &self.retry, &self.dead_letters, &self.overflow]
    }

    /// Declares all exchanges and queues that do not exist; existing ones are used as they are.
    pub async fn declare(&self, connection: &Connection, config: &AmqpConfig) -> lapin::Result<()> {
        declare_exchange(connection, &self.exchange, ExchangeKind::Topic).await?;
        for fanout in [
            &self.retry,
            &self.requeue_exchange,
            &self.dead_letter_exchange,
        ] {
            declare_exchange(connection, fanout, ExchangeKind::Fanout).await?;
        }

        let delivery_limit = |limit| ("x-delivery-limit", AMQPValue::LongLongInt(limit));
        let consumer_timeout = (
            "x-consumer-timeout",
            AMQPValue::LongLongInt(CONSUMER_TIMEOUT),
        );
        let max_bytes = (
            "x-max-length-bytes",
            AMQPValue::LongLongInt(OVERFLOW_MAX_BYTES),
        );
        let reject = ("x-overflow", text("reject-publish"));
        let mut queue = dead_lettering(&self.dead_letter_exchange);
        queue.extend([delivery_limit(DELIVERY_LIMIT), consumer_timeout.clone()]);
        let overflow = [
            delivery_limit(UNLIMITED),
            consumer_timeout,
            max_bytes,
            reject,
        ];
        for (name, arguments) in [
            (&self.dead_letters, vec![delivery_limit(UNLIMITED)]),
            (&self.overflow, overflow.into()),
            (&self.retry, dead_lettering(&self.requeue_exchange)),
            (&self.queue, queue),
        ] {
            declare_queue(connection, name, arguments).await?;
        }

        let channel = connection.create_channel().await?;
        for key in &config.amqp_binding_keys {
            bind(&channel, &self.queue, &self.exchange, key).await?;
        }
        bind(&channel, &self.queue, &self.requeue_exchange, "").await?;
        bind(&channel, &self.retry, &self.retry, "").await?;
        bind(&channel, &self.dead_letters, &self.dead_letter_exchange, "").await?;
        channel.close(200, "declared".into()).await
    }
}

/// Declares a durable exchange, unless one with this name exists.
async fn declare_exchange(
    connection: &Connection,
    name: &str,
    kind: ExchangeKind,
) -> lapin::Result<()> {
    for passive in [true, false] {
        let options = ExchangeDeclareOptions {
            passive,
            durable: true,
            ..Default::default()
        };
        let channel = connection.create_channel().await?;
        let declared = channel
            .exchange_declare(name.into(), kind.clone(), options, FieldTable::default())
            .await;
        if is_declared(&channel, declared, passive).await? {
            break;
        }
    }
    Ok(())
}

/// Declares a durable quorum queue, unless a queue with this name exists.
async fn declare_queue(
    connection: &Connection,
    name: &str,
    arguments: Vec<(&'static str, AMQPValue)>,
) -> lapin::Result<()> {
    let mut table = FieldTable::default();
    table.insert("x-queue-type".into(), text("quorum"));
    for (argument, value) in arguments {
        table.insert(argument.into(), value);
    }
    for passive in [true, false] {
        let options = QueueDeclareOptions {
            passive,
            durable: true,
            ..Default::default()
        };
        let channel = connection.create_channel().await?;
        let declared = channel
            .queue_declare(name.into(), options, table.clone())
            .await;
        if is_declared(&channel, declared.map(drop), passive).await? {
            break;
        }
    }
    Ok(())
}

/// Closes the channel of a successful declaration. A failed passive declaration, which closes the channel,
/// means that the exchange or queue does not exist.
async fn is_declared(
    channel: &Channel,
    declared: lapin::Result<()>,
    passive: bool,
) -> lapin::Result<bool> {
    match declared {
        Ok(()) => channel.close(200, "declared".into()).await.map(|()| true),
        Err(error) if passive && matches!(error.kind(), ErrorKind::ProtocolError(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The arguments of a quorum queue that dead-letters to `exchange`. The target confirms each message, so that
/// none is lost (RabbitMQ, "At-Least-Once Dead Lettering").
fn dead_lettering(exchange: &str) -> Vec<(&'static str, AMQPValue)> {
    vec![
        ("x-dead-letter-exchange", text(exchange)),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ]
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    let (queue, exchange, key) = (queue.into(), exchange.into(), key.into());
    let options = QueueBindOptions::default();
    channel
        .queue_bind(queue, exchange, key, options, FieldTable::default())
        .await
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
