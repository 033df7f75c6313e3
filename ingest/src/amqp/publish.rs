//! Sending a message on: to wait, or to the dead letters; and keeping a fact. The broker confirms
//! each before the original is acknowledged.

use std::{future::Future, time::Duration};

use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionStatus,
    message::Delivery,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable},
};

use analytics_shared::clock;
use chrono::SecondsFormat;
use tokio_util::sync::CancellationToken;

use super::topology::Topology;
use crate::config::AmqpConfig;

/// Header: how often we have looked for the registration.
const ATTEMPT: &str = "x-analytics-attempt";
/// Header: when the message became a dead letter (RFC 3339).
pub const DEAD_AT: &str = "x-analytics-dead-at";
/// Header: why the message is a dead letter.
pub const REASON: &str = "x-analytics-reason";
/// Persistent, in the terms of AMQP 0-9-1.
const PERSISTENT: u8 = 2;
/// The longest that we wait for the broker: one that is short of memory answers nothing.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest that we wait while a producer waits for us.
const PROMPT: Duration = Duration::from_secs(3);

/// Publishes to our own exchanges, on a connection of its own: a broker that blocks publishers must
/// not keep us from acknowledging.
#[derive(Clone)]
pub struct Publisher {
    channel: Channel,
    connection: ConnectionStatus,
    topology: Topology,
    retry_delay: Duration,
    broken: CancellationToken,
}

impl Publisher {
    /// A publisher on `connection`.
    ///
    /// # Errors
    /// When the broker refuses.
    pub async fn on(
        connection: &Connection,
        topology: Topology,
        config: &AmqpConfig,
    ) -> lapin::Result<Self> {
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let retry_delay = Duration::from_secs(config.amqp_retry_delay_seconds.into());
        Ok(Self {
            channel,
            connection: connection.status().clone(),
            topology,
            retry_delay,
            broken: CancellationToken::new(),
        })
    }

    /// Whether the broker takes messages: one that is short of memory or disk blocks publishers.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection.connected() && !self.connection.blocked() && !self.broken.is_cancelled()
    }

    /// Waits until a message was lost on the way, so that everything has to be made anew.
    pub async fn until_broken(&self) {
        self.broken.cancelled().await;
    }

    /// Keeps a fact in our overflow queue while the database is away.
    ///
    /// # Errors
    /// When the broker did not confirm; a queue that is full refuses at once.
    pub async fn keep(&self, fact: &[u8]) -> lapin::Result<()> {
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type("application/json".into());
        let to = Address {
            exchange: "",
            key: &self.topology.overflow,
        };
        self.send(PROMPT, to, fact, properties).await
    }

    /// Lets a message wait before it comes back to our queue.
    ///
    /// # Errors
    /// When the broker did not confirm; the original must not be acknowledged.
    pub async fn retry(&self, delivery: &Delivery) -> lapin::Result<()> {
        let mut headers = headers_of(delivery);
        headers.insert(ATTEMPT.into(), AMQPValue::LongUInt(attempts(delivery) + 1));
        let delay = self.retry_delay.as_millis().to_string();
        let properties = properties_of(delivery).with_expiration(delay.as_str().into());
        let properties = properties.with_headers(headers);
        self.send_on(&self.topology.retry, delivery, properties)
            .await
    }

    /// Puts a message to the dead letters.
    ///
    /// # Errors
    /// When the broker did not confirm; the original must not be acknowledged.
    pub async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> lapin::Result<()> {
        let mut headers = without_ours(&headers_of(delivery));
        headers.insert(REASON.into(), AMQPValue::LongString(reason.into()));
        let now = clock::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        headers.insert(DEAD_AT.into(), AMQPValue::LongString(now.into()));
        let properties = properties_of(delivery).with_headers(headers);
        self.send_on(&self.topology.dead_letter_exchange, delivery, properties)
            .await
    }

    /// Gives a dead letter back to our queue, as if it came for the first time.
    ///
    /// # Errors
    /// When the broker did not confirm; the letter must stay where it is.
    pub async fn replay(&self, letter: &Delivery) -> lapin::Result<()> {
        let headers = without_ours(&headers_of(letter));
        let properties = properties_of(letter).with_headers(headers);
        self.send_on(&self.topology.return_exchange, letter, properties)
            .await
    }

    async fn send_on(
        &self,
        exchange: &str,
        delivery: &Delivery,
        properties: BasicProperties,
    ) -> lapin::Result<()> {
        let to = Address {
            exchange,
            key: delivery.routing_key.as_str(),
        };
        self.send(PATIENCE, to, &delivery.data, properties).await
    }

    async fn send(
        &self,
        patience: Duration,
        to: Address<'_>,
        body: &[u8],
        properties: BasicProperties,
    ) -> lapin::Result<()> {
        let mandatory = BasicPublishOptions {
            mandatory: true,
            ..Default::default()
        };
        let (exchange, key) = (to.exchange.into(), to.key.into());
        let confirmation = within(patience, async {
            let publishing = self
                .channel
                .basic_publish(exchange, key, mandatory, body, properties);
            publishing.await?.await
        });
        let failure = match confirmation.await {
            Ok(Confirmation::Ack(None)) => return Ok(()),
            // The queue is full. The message is nowhere but where it was.
            Ok(Confirmation::Nack(None)) => return Err(refused(to.exchange)),
            // Returned as unroutable: somebody has deleted the queue.
            Ok(_) => refused(to.exchange),
            Err(error) => error,
        };
        if !self.connection.blocked() {
            self.broken.cancel();
        }
        Err(failure)
    }
}

/// Where a message goes.
#[derive(Clone, Copy)]
struct Address<'a> {
    exchange: &'a str,
    key: &'a str,
}

fn refused(exchange: &str) -> lapin::Error {
    std::io::Error::other(format!(
        "the exchange '{exchange}' did not take the message"
    ))
    .into()
}

/// The result of `operation`, or an error if it takes longer than `patience`.
///
/// # Errors
/// When it fails or takes too long.
pub async fn within<T>(
    patience: Duration,
    operation: impl Future<Output = lapin::Result<T>>,
) -> lapin::Result<T> {
    match tokio::time::timeout(patience, operation).await {
        Ok(result) => result,
        Err(_) => Err(std::io::Error::other("the broker does not answer in time").into()),
    }
}

/// How often we have looked for the registration of this message.
#[must_use]
pub fn attempts(delivery: &Delivery) -> u32 {
    let headers: Option<&FieldTable> = delivery.properties.headers().as_ref();
    match headers.and_then(|headers| headers.inner().get(ATTEMPT)) {
        Some(AMQPValue::LongUInt(attempts)) => *attempts,
        _ => 0,
    }
}

/// Properties that say what the message is. Others are orders to the broker for another journey: a
/// user that is not ours would be refused, an old expiration would lose the message.
fn properties_of(delivery: &Delivery) -> BasicProperties {
    let old = &delivery.properties;
    let mut new = BasicProperties::default().with_delivery_mode(PERSISTENT);
    if let Some(content_type) = old.content_type() {
        new = new.with_content_type(content_type.clone());
    }
    if let Some(encoding) = old.content_encoding() {
        new = new.with_content_encoding(encoding.clone());
    }
    if let Some(message_id) = old.message_id() {
        new = new.with_message_id(message_id.clone());
    }
    match old.timestamp() {
        Some(timestamp) => new.with_timestamp(*timestamp),
        None => new,
    }
}

fn headers_of(delivery: &Delivery) -> FieldTable {
    delivery.properties.headers().clone().unwrap_or_default()
}

/// Headers as the platform sent them: a message that starts anew has all its attempts before it.
fn without_ours(headers: &FieldTable) -> FieldTable {
    let mut kept = FieldTable::default();
    for (name, value) in headers.inner() {
        if ![ATTEMPT, REASON, DEAD_AT].contains(&name.as_str()) {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}
