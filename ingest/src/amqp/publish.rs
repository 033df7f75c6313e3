//! Sending a message on: to wait, or to the dead letters. Both are confirmed by the broker before
//! the original is acknowledged.

use lapin::{
    Channel, Confirmation, Connection,
    message::Delivery,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable},
};

use super::topology::Topology;

/// Header: how often we have looked for the registration.
const ATTEMPT: &str = "x-analytics-attempt";
/// Header: why the message is a dead letter.
const REASON: &str = "x-analytics-reason";
/// Persistent, in the terms of AMQP 0-9-1.
const PERSISTENT: u8 = 2;

/// Publishes to our own exchanges, on a connection of its own: a broker that blocks publishers must
/// not keep us from acknowledging.
#[derive(Clone)]
pub struct Publisher {
    channel: Channel,
    topology: Topology,
}

impl Publisher {
    /// A publisher on `connection`.
    ///
    /// # Errors
    /// When the broker refuses.
    pub async fn on(connection: &Connection, topology: Topology) -> lapin::Result<Self> {
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(Self { channel, topology })
    }

    /// Lets a message wait before it comes back to our queue.
    ///
    /// # Errors
    /// When the broker did not confirm; the original must not be acknowledged.
    pub async fn retry(&self, delivery: &Delivery) -> lapin::Result<()> {
        let attempt = AMQPValue::LongUInt(attempts(delivery) + 1);
        self.send(&self.topology.retry, delivery, ATTEMPT, attempt)
            .await
    }

    /// Puts a message to the dead letters.
    ///
    /// # Errors
    /// When the broker did not confirm; the original must not be acknowledged.
    pub async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> lapin::Result<()> {
        let reason = AMQPValue::LongString(reason.into());
        self.send(
            &self.topology.dead_letter_exchange,
            delivery,
            REASON,
            reason,
        )
        .await
    }

    async fn send(
        &self,
        exchange: &str,
        delivery: &Delivery,
        header: &str,
        value: AMQPValue,
    ) -> lapin::Result<()> {
        let mut headers = delivery.properties.headers().clone().unwrap_or_default();
        headers.insert(header.into(), value);
        let properties = delivery.properties.clone();
        let properties = properties
            .with_headers(headers)
            .with_delivery_mode(PERSISTENT);
        let mandatory = BasicPublishOptions {
            mandatory: true,
            ..Default::default()
        };
        let key = delivery.routing_key.clone();
        let confirmation = self
            .channel
            .basic_publish(exchange.into(), key, mandatory, &delivery.data, properties)
            .await?
            .await?;
        match confirmation {
            Confirmation::Ack(None) => Ok(()),
            // Returned as unroutable, or refused: the message is nowhere but where it was.
            _ => Err(std::io::Error::other(format!("{exchange} did not take the message")).into()),
        }
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
