//! Publishes messages to the service's own exchanges: for a retry, as dead letters, back to the queue, and
//! to the overflow queue. The broker confirms each before the original is acknowledged.

use std::{future::Future, time::Duration};

use analytics_shared::clock;
use chrono::SecondsFormat;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionStatus,
    message::Delivery,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable},
};
use opentelemetry::context::FutureExt;
use tokio_util::sync::CancellationToken;

use super::{delivery::span::start_publishing, topology::Topology};
use crate::config::AmqpConfig;

/// Header: the number of retries of the message.
const ATTEMPT: &str = "x-analytics-attempt";
/// Header: the time when the message became a dead letter (RFC 3339).
pub const DEAD_AT: &str = "x-analytics-dead-at";
/// Header: the reason why the message is a dead letter.
pub const REASON: &str = "x-analytics-reason";
/// The delivery mode "persistent" of AMQP 0-9-1.
const PERSISTENT: u8 = 2;
/// The time-out of a publisher confirm: a broker that is short of memory does not respond.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(15);
/// The time-out of a publisher confirm while an HTTP request waits.
const OVERFLOW_CONFIRM_TIMEOUT: Duration = Duration::from_secs(3);

/// Publishes to the service's own exchanges, on a connection of its own: a broker that blocks publishers
/// must not delay acknowledgements.
#[derive(Clone)]
pub struct Publisher {
    channel: Channel,
    connection: ConnectionStatus,
    topology: Topology,
    retry_delay: Duration,
    failed: CancellationToken,
}

impl Publisher {
    /// A publisher on `connection`.
    pub async fn new(
        connection: &Connection,
        topology: Topology,
        config: &AmqpConfig,
    ) -> lapin::Result<Self> {
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(Self {
            channel,
            connection: connection.status().clone(),
            topology,
            retry_delay: Duration::from_secs(config.amqp_retry_delay_seconds.into()),
            failed: CancellationToken::new(),
        })
    }

    /// Whether the broker accepts messages. A broker that is short of memory or disk blocks publishers.
    pub fn is_open(&self) -> bool {
        self.connection.connected() && !self.connection.blocked() && !self.failed.is_cancelled()
    }

    /// Waits until a message was not confirmed, after which the session must be restarted.
    pub async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Publishes a fact to the overflow queue. A full queue rejects it at once.
    pub async fn publish_overflow(&self, fact: &[u8]) -> lapin::Result<()> {
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type("application/json".into());
        let key = &self.topology.overflow;
        self.publish(OVERFLOW_CONFIRM_TIMEOUT, "", key, fact, properties)
            .await
    }

    /// Publishes a message to the delayed-retry queue.
    pub async fn retry(&self, delivery: &Delivery) -> lapin::Result<()> {
        let mut headers = headers(delivery);
        headers.insert(ATTEMPT.into(), AMQPValue::LongUInt(attempts(delivery) + 1));
        let delay = self.retry_delay.as_millis().to_string();
        let properties = properties(delivery, headers).with_expiration(delay.as_str().into());
        self.forward(&self.topology.retry, delivery, properties)
            .await
    }

    /// Publishes a message as a dead letter.
    pub async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> lapin::Result<()> {
        let mut headers = platform_headers(delivery);
        headers.insert(REASON.into(), AMQPValue::LongString(reason.into()));
        let now = clock::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        headers.insert(DEAD_AT.into(), AMQPValue::LongString(now.into()));
        let exchange = &self.topology.dead_letter_exchange;
        self.forward(exchange, delivery, properties(delivery, headers))
            .await
    }

    /// Publishes a dead letter to the queue again, as a new message.
    pub async fn replay(&self, letter: &Delivery) -> lapin::Result<()> {
        let properties = properties(letter, platform_headers(letter));
        self.forward(&self.topology.requeue_exchange, letter, properties)
            .await
    }

    async fn forward(
        &self,
        exchange: &str,
        delivery: &Delivery,
        properties: BasicProperties,
    ) -> lapin::Result<()> {
        let key = delivery.routing_key.as_str();
        self.publish(CONFIRM_TIMEOUT, exchange, key, &delivery.data, properties)
            .await
    }

    /// Publishes a message and waits for the confirm. Without one, the original must not be acknowledged.
    async fn publish(
        &self,
        confirm_timeout: Duration,
        exchange: &str,
        key: &str,
        body: &[u8],
        properties: BasicProperties,
    ) -> lapin::Result<()> {
        let mandatory = BasicPublishOptions {
            mandatory: true,
            ..Default::default()
        };
        let (span, properties) = start_publishing(exchange, key, body, properties);
        let confirmation = with_timeout(confirm_timeout, async {
            let (exchange, key) = (exchange.into(), key.into());
            let publishing = self
                .channel
                .basic_publish(exchange, key, mandatory, body, properties);
            publishing.await?.await
        });
        let rejected = || {
            let text = format!("the exchange '{exchange}' did not accept the message");
            std::io::Error::other(text).into()
        };
        let error = match confirmation.with_context(span).await {
            Ok(Confirmation::Ack(None)) => return Ok(()),
            // The queue is full; the session is intact.
            Ok(Confirmation::Nack(None)) => return Err(rejected()),
            // Returned as unroutable: the queue was deleted.
            Ok(_) => rejected(),
            Err(error) => error,
        };
        if !self.connection.blocked() {
            self.failed.cancel();
        }
        Err(error)
    }
}

/// Returns the result of `operation`, or an error if it exceeds `limit`.
pub async fn with_timeout<T>(
    limit: Duration,
    operation: impl Future<Output = lapin::Result<T>>,
) -> lapin::Result<T> {
    match tokio::time::timeout(limit, operation).await {
        Ok(result) => result,
        Err(_) => Err(std::io::Error::other("the broker does not respond in time").into()),
    }
}

/// The number of times that this message has waited for its registration.
pub fn attempts(delivery: &Delivery) -> u32 {
    let headers: Option<&FieldTable> = delivery.properties.headers().as_ref();
    match headers.and_then(|headers| headers.inner().get(ATTEMPT)) {
        Some(AMQPValue::LongUInt(attempts)) => *attempts,
        _ => 0,
    }
}

/// The properties of a forwarded message. Per-publish properties are not copied: the broker rejects another
/// user-id than the connection's, and an old expiration would drop the message.
fn properties(delivery: &Delivery, headers: FieldTable) -> BasicProperties {
    let old = &delivery.properties;
    let mut new = BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_headers(headers);
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

fn headers(delivery: &Delivery) -> FieldTable {
    delivery.properties.headers().clone().unwrap_or_default()
}

/// The headers without those of the service: the number of retries starts again.
fn platform_headers(delivery: &Delivery) -> FieldTable {
    let mut kept = FieldTable::default();
    for (name, value) in headers(delivery).inner() {
        if ![ATTEMPT, REASON, DEAD_AT].contains(&name.as_str()) {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}
