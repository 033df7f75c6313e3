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
        for (name, kind) in [
            (&self.exchange, ExchangeKind::Topic),
            (&self.retry, ExchangeKind::Fanout),
            (&self.requeue_exchange, ExchangeKind::Fanout),
            (&self.dead_letter_exchange, ExchangeKind::Fanout),
        ] {
            declare_missing(connection, |channel, passive| {
                let options = ExchangeDeclareOptions {
                    passive,
                    durable: true,
                    ..Default::default()
                };
                let (name, kind) = (name.as_str().into(), kind.clone());
                async move {
                    let arguments = FieldTable::default();
                    channel
                        .exchange_declare(name, kind, options, arguments)
                        .await
                }
            })
            .await?;
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
            let mut table = FieldTable::default();
            table.insert("x-queue-type".into(), text("quorum"));
            for (argument, value) in arguments {
                table.insert(argument.into(), value);
            }
            declare_missing(connection, |channel, passive| {
                let options = QueueDeclareOptions {
                    passive,
                    durable: true,
                    ..Default::default()
                };
                let (name, table) = (name.as_str().into(), table.clone());
                async move { channel.queue_declare(name, options, table).await.map(drop) }
            })
            .await?;
        }

        let channel = connection.create_channel().await?;
        let bindings = config.amqp_binding_keys.iter();
        let bindings = bindings.map(|key| (&self.queue, &self.exchange, key.as_str()));
        for (queue, exchange, key) in bindings.chain([
            (&self.queue, &self.requeue_exchange, ""),
            (&self.retry, &self.retry, ""),
            (&self.dead_letters, &self.dead_letter_exchange, ""),
        ]) {
            let (queue, exchange) = (queue.as_str().into(), exchange.as_str().into());
            let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
            channel
                .queue_bind(queue, exchange, key.into(), options, arguments)
                .await?;
        }
        channel.close(200, "declared".into()).await
    }
}

/// Declares an exchange or a queue, unless it exists: a passive declaration fails if there is none, which closes
/// its channel.
async fn declare_missing<F: Future<Output = lapin::Result<()>>>(
    connection: &Connection,
    declare: impl Fn(Channel, bool) -> F,
) -> lapin::Result<()> {
    for passive in [true, false] {
        let channel = connection.create_channel().await?;
        match declare(channel.clone(), passive).await {
            Ok(()) => return channel.close(200, "declared".into()).await,
            Err(error) if passive && matches!(error.kind(), ErrorKind::ProtocolError(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
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

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
