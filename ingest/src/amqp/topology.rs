//! Exchanges and queues: the platform's, and ours beside them.
//!
//! ```text
//! events (topic) ──bindings──▶ analytics.queue ◀── analytics.queue.return (fanout)
//!                                                            ▲ after the delay
//!            analytics.queue.retry (fanout) ──▶ analytics.queue.retry
//!            analytics.queue.dlx (fanout)   ──▶ analytics.queue.dead-letters
//!                              default exchange ──▶ analytics.queue.overflow
//! ```
//!
//! Fanout exchanges keep a message's routing key, which is the only place that tells its type.

use lapin::{
    Channel, Connection, ErrorKind, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

use crate::config::AmqpConfig;

/// Deliveries of one message after which the broker gives up on it.
const DELIVERY_LIMIT: i64 = 50;

/// For queues whose messages the broker must never give up on: looking at dead letters delivers
/// them and puts them back, as often as somebody likes; kept facts are nowhere else.
const UNLIMITED: i64 = 1_000_000_000;

/// Bytes that may wait in the overflow queue; beyond that it refuses.
const OVERFLOW_BYTES: i64 = 1024 * 1024 * 1024;

/// Milliseconds that the broker lets us hold a message: while the database is away we hold what we
/// have. The broker's own default is half an hour.
const HOLDING: i64 = 24 * 60 * 60 * 1000;

/// The names of what we declare.
#[derive(Clone, Debug)]
pub struct Topology {
    /// The platform's topic exchange.
    pub exchange: String,
    /// Our queue.
    pub queue: String,
    /// Where messages go to wait.
    pub retry: String,
    /// Where they come back from.
    pub return_exchange: String,
    /// The dead-letter exchange.
    pub dead_letter_exchange: String,
    /// The dead-letter queue.
    pub dead_letters: String,
    /// The queue of facts that came over HTTP while the database was away.
    pub overflow: String,
}

impl Topology {
    /// Our queues.
    #[must_use]
    pub fn queues(&self) -> [&str; 4] {
        [&self.queue, &self.retry, &self.dead_letters, &self.overflow]
    }

    /// The names that follow from the configuration.
    #[must_use]
    pub fn of(config: &AmqpConfig) -> Self {
        let queue = &config.amqp_queue;
        Self {
            exchange: config.amqp_exchange.clone(),
            queue: queue.clone(),
            retry: format!("{queue}.retry"),
            return_exchange: format!("{queue}.return"),
            dead_letter_exchange: format!("{queue}.dlx"),
            dead_letters: format!("{queue}.dead-letters"),
            overflow: format!("{queue}.overflow"),
        }
    }

    /// Declares everything that does not exist yet; what exists is used as it is.
    ///
    /// # Errors
    /// When the broker refuses, for example for lack of rights.
    pub async fn declare(&self, connection: &Connection, config: &AmqpConfig) -> lapin::Result<()> {
        self.declare_exchange(connection, &self.exchange, ExchangeKind::Topic)
            .await?;
        for fanout in [
            &self.retry,
            &self.return_exchange,
            &self.dead_letter_exchange,
        ] {
            self.declare_exchange(connection, fanout, ExchangeKind::Fanout)
                .await?;
        }
        let never_give_up = ("x-delivery-limit", AMQPValue::LongLongInt(UNLIMITED));
        declare_queue(connection, &self.dead_letters, [never_give_up.clone()]).await?;
        let held = ("x-consumer-timeout", AMQPValue::LongLongInt(HOLDING));
        let bound = ("x-max-length-bytes", AMQPValue::LongLongInt(OVERFLOW_BYTES));
        let refuse = ("x-overflow", text("reject-publish"));
        let kept = [never_give_up, held.clone(), bound, refuse];
        declare_queue(connection, &self.overflow, kept).await?;
        let waiting = handing_on_to(&self.return_exchange);
        declare_queue(connection, &self.retry, waiting).await?;
        let [exchange, strategy, overflow] = handing_on_to(&self.dead_letter_exchange);
        let limit = ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT));
        declare_queue(
            connection,
            &self.queue,
            [exchange, strategy, overflow, limit, held],
        )
        .await?;

        let channel = connection.create_channel().await?;
        for key in &config.amqp_bindings {
            bind(&channel, &self.queue, &self.exchange, key).await?;
        }
        bind(&channel, &self.queue, &self.return_exchange, "").await?;
        bind(&channel, &self.retry, &self.retry, "").await?;
        bind(&channel, &self.dead_letters, &self.dead_letter_exchange, "").await?;
        channel.close(200, "declared".into()).await
    }

    async fn declare_exchange(
        &self,
        connection: &Connection,
        name: &str,
        kind: ExchangeKind,
    ) -> lapin::Result<()> {
        let passive = ExchangeDeclareOptions {
            passive: true,
            ..Default::default()
        };
        let channel = connection.create_channel().await?;
        let existing = channel
            .exchange_declare(name.into(), kind.clone(), passive, FieldTable::default())
            .await;
        // A passive declaration that fails closes its channel.
        let channel = match existing {
            Ok(()) => return channel.close(200, "exists".into()).await,
            Err(error) if is_refusal(&error) => connection.create_channel().await?,
            Err(error) => return Err(error),
        };
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..Default::default()
        };
        channel
            .exchange_declare(name.into(), kind, durable, FieldTable::default())
            .await?;
        channel.close(200, "declared".into()).await
    }
}

/// Declares a durable quorum queue, unless a queue of that name exists: that one is used as it is.
async fn declare_queue<const N: usize>(
    connection: &Connection,
    name: &str,
    arguments: [(&str, AMQPValue); N],
) -> lapin::Result<()> {
    let passive = QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    let channel = connection.create_channel().await?;
    let channel = match channel
        .queue_declare(name.into(), passive, FieldTable::default())
        .await
    {
        Ok(_) => return channel.close(200, "exists".into()).await,
        Err(error) if is_refusal(&error) => connection.create_channel().await?,
        Err(error) => return Err(error),
    };
    let mut table = FieldTable::default();
    table.insert("x-queue-type".into(), text("quorum"));
    for (argument, value) in arguments {
        table.insert(argument.into(), value);
    }
    let durable = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel.queue_declare(name.into(), durable, table).await?;
    channel.close(200, "declared".into()).await
}

/// Arguments of a quorum queue whose dead letters are confirmed by where they go, so that none is
/// lost on the way (RabbitMQ, "At-Least-Once Dead Lettering").
fn handing_on_to(exchange: &str) -> [(&'static str, AMQPValue); 3] {
    [
        ("x-dead-letter-exchange", text(exchange)),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ]
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    let options = QueueBindOptions::default();
    channel
        .queue_bind(
            queue.into(),
            exchange.into(),
            key.into(),
            options,
            FieldTable::default(),
        )
        .await
}

fn is_refusal(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(_))
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
