//! The platform's side of RabbitMQ, with names of its own for every test.

use std::time::{Duration, Instant};

use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind,
    message::BasicGetMessage,
    options::{
        BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions,
        ExchangeDeclareOptions, ExchangeDeleteOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::{AMQPValue, FieldTable},
};
use serde_json::Value;
use uuid::Uuid;

use crate::cleanup;

/// A connection to the broker, as a service of the platform has it.
pub struct Broker {
    /// The URL of the broker.
    pub url: String,
    /// `AMQP_EXCHANGE` of the service under test.
    pub exchange: String,
    /// `AMQP_QUEUE` of the service under test.
    pub queue: String,
    channel: Channel,
    connection: Connection,
    /// Whether this value owns its names, and deletes them when it is dropped.
    has_unique_names: bool,
}

impl Broker {
    /// Connects with unique names of exchange and queue.
    ///
    /// # Panics
    /// When the broker does not respond.
    pub async fn connect(url: &str) -> Self {
        let name = Uuid::now_v7().simple().to_string();
        let (exchange, queue) = (format!("test.{name}.events"), format!("test.{name}.queue"));
        let mut broker = Self::connect_as(url, &exchange, &queue).await;
        broker.has_unique_names = true;
        broker
    }

    /// Connects with the given names.
    ///
    /// # Panics
    /// When the broker does not respond.
    pub async fn connect_as(url: &str, exchange: &str, queue: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default())
            .await
            .expect("RabbitMQ answers; is the stack up?");
        let channel = connection.create_channel().await.expect("a channel");
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await
            .expect("confirms");
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..Default::default()
        };
        channel
            .exchange_declare(
                exchange.into(),
                ExchangeKind::Topic,
                durable,
                FieldTable::default(),
            )
            .await
            .expect("the exchange");
        let (exchange, queue) = (exchange.to_owned(), queue.to_owned());
        Self {
            url: url.to_owned(),
            exchange,
            queue,
            channel,
            connection,
            has_unique_names: false,
        }
    }

    /// Publishes a message as the platform does: no message id, no type but the routing key.
    ///
    /// # Panics
    /// When the broker does not confirm it.
    pub async fn publish(&self, routing_key: &str, body: &Value) {
        self.publish_bytes(routing_key, body.to_string().as_bytes())
            .await;
    }

    /// Publishes a body of any bytes.
    ///
    /// # Panics
    /// When the broker does not confirm it.
    pub async fn publish_bytes(&self, routing_key: &str, body: &[u8]) {
        self.publish_with(routing_key, body, BasicProperties::default())
            .await;
    }

    /// Publishes a body in a content encoding.
    ///
    /// # Panics
    /// When the broker does not confirm it.
    pub async fn publish_encoded(&self, routing_key: &str, encoding: &str, body: &[u8]) {
        let properties = BasicProperties::default().with_content_encoding(encoding.into());
        self.publish_with(routing_key, body, properties).await;
    }

    /// Publishes a message with headers.
    ///
    /// # Panics
    /// When the broker does not confirm it.
    pub async fn publish_with_headers(
        &self,
        routing_key: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) {
        let mut table = FieldTable::default();
        for &(name, value) in headers {
            table.insert(name.into(), AMQPValue::LongString(value.into()));
        }
        let properties = BasicProperties::default().with_headers(table);
        self.publish_with(routing_key, body.to_string().as_bytes(), properties)
            .await;
    }

    async fn publish_with(&self, routing_key: &str, body: &[u8], properties: BasicProperties) {
        let properties = properties
            .with_content_type("application/json".into())
            .with_delivery_mode(2);
        let confirmation = self
            .channel
            .basic_publish(
                self.exchange.as_str().into(),
                routing_key.into(),
                BasicPublishOptions::default(),
                body,
                properties,
            )
            .await
            .expect("published");
        confirmation.await.expect("confirmed");
    }

    /// Messages that wait in a queue of ingest: `""` is the queue itself, `".dead-letters"`,
    /// `".retry"` and `".overflow"` are beside it.
    ///
    /// # Panics
    /// When there is no such queue.
    pub async fn waiting(&self, suffix: &str) -> u32 {
        let passive = QueueDeclareOptions {
            passive: true,
            ..Default::default()
        };
        let name = format!("{}{suffix}", self.queue);
        let queue = self
            .channel
            .queue_declare(name.as_str().into(), passive, FieldTable::default())
            .await;
        queue.expect("the queue").message_count()
    }

    /// Whether a queue of ingest exists; named as in [`Self::waiting`].
    ///
    /// # Panics
    /// When the broker does not respond.
    pub async fn has_queue(&self, suffix: &str) -> bool {
        // The passive declaration of a missing queue closes the channel.
        let channel = self.connection.create_channel().await.expect("a channel");
        let passive = QueueDeclareOptions {
            passive: true,
            ..Default::default()
        };
        let name = format!("{}{suffix}", self.queue);
        let asked = channel.queue_declare(name.as_str().into(), passive, FieldTable::default());
        asked.await.is_ok()
    }

    /// Deletes a queue of ingest; named as in [`Self::waiting`].
    ///
    /// # Panics
    /// When the broker refuses.
    pub async fn delete_queue(&self, suffix: &str) {
        let name = format!("{}{suffix}", self.queue);
        let options = QueueDeleteOptions::default();
        let deleting = self.channel.queue_delete(name.as_str().into(), options);
        deleting.await.expect("queue deleted");
    }

    /// Declares the queue before the service does, as a platform may.
    ///
    /// # Panics
    /// When the broker refuses.
    pub async fn declare_queue(&self, arguments: FieldTable) {
        let durable = QueueDeclareOptions {
            durable: true,
            ..Default::default()
        };
        let name = self.queue.as_str().into();
        let declaring = self.channel.queue_declare(name, durable, arguments);
        declaring.await.expect("the queue");
    }

    /// Removes and returns one dead letter; waits for it up to ten seconds.
    ///
    /// # Panics
    /// When there is none.
    pub async fn dead_letter(&self) -> BasicGetMessage {
        let deadline = Instant::now() + Duration::from_secs(10);
        let name = format!("{}.dead-letters", self.queue);
        loop {
            let got = self
                .channel
                .basic_get(name.as_str().into(), BasicGetOptions::default())
                .await;
            if let Some(message) = got.expect("the dead-letter queue") {
                message
                    .acker
                    .ack(BasicAckOptions::default())
                    .await
                    .expect("acknowledged");
                return message;
            }
            assert!(Instant::now() < deadline, "no dead letter came");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Removes one dead letter, and returns its reason.
    ///
    /// # Panics
    /// When there is none.
    pub async fn dead_letter_reason(&self) -> String {
        let letter = self.dead_letter().await;
        let headers = letter.properties.headers().as_ref();
        match headers.and_then(|headers| headers.inner().get("x-analytics-reason")) {
            Some(AMQPValue::LongString(reason)) => reason.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// Deletes the queues and exchanges of these names.
    ///
    /// # Panics
    /// When the broker refuses.
    pub async fn clean_up(&self) {
        let names = Names {
            exchange: self.exchange.clone(),
            queue: self.queue.clone(),
        };
        names.delete(&self.connection).await.expect("deleted");
    }
}

/// The names of an exchange and a queue.
struct Names {
    exchange: String,
    queue: String,
}

impl Names {
    /// Deletes the exchange, the queue, and those that a service has declared beside them. RabbitMQ
    /// ignores names that do not exist.
    async fn delete(&self, connection: &Connection) -> anyhow::Result<()> {
        let channel = connection.create_channel().await?;
        for suffix in ["", ".retry", ".dead-letters", ".overflow"] {
            let name = format!("{}{suffix}", self.queue);
            let options = QueueDeleteOptions::default();
            channel.queue_delete(name.as_str().into(), options).await?;
        }
        let beside = [".retry", ".requeue", ".dlx"].map(|suffix| format!("{}{suffix}", self.queue));
        for name in beside.iter().chain([&self.exchange]) {
            let options = ExchangeDeleteOptions::default();
            channel
                .exchange_delete(name.as_str().into(), options)
                .await?;
        }
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if !self.has_unique_names {
            return;
        }
        let (url, names) = (
            self.url.clone(),
            Names {
                exchange: self.exchange.clone(),
                queue: self.queue.clone(),
            },
        );
        cleanup::run(&self.queue, || async move {
            let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
            names.delete(&connection).await
        });
    }
}
