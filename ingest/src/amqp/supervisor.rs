//! Keeps the consumer running: after any error it connects and declares everything again.

use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBuilder};
use lapin::Connection;
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    acknowledger::Acknowledger,
    broker_state::BrokerState,
    connection::connect,
    consumer::Consumer,
    publisher::{Publisher, with_timeout},
    queue_depth,
    settler::Settler,
    topology::Topology,
};
use crate::{
    config::AmqpConfig,
    enrich::enricher::Enricher,
    limits::event_values::EventValues,
    metrics,
    pipeline::{pending::Submitter, retry::RetryUntilAvailable},
    store::database::Store,
    writer::Writers,
};

/// The delays between two sessions.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_secs(4))
    .without_max_times()
    .with_jitter();
/// The duration of a session after which the backoff starts again.
const STABLE_SESSION: Duration = Duration::from_mins(1);
/// The time-out of connecting and declaring.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// The time-out of closing a connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Consumes until shutdown.
pub struct Supervisor {
    /// The configuration.
    pub config: AmqpConfig,
    /// The database.
    pub store: Store,
    /// Enriches facts.
    pub enricher: Enricher,
    /// Limits the values of facts that waited without an attribution.
    pub values: EventValues,
    /// Stores facts.
    pub writers: Writers,
    /// The current state of the connection.
    pub state: watch::Sender<BrokerState>,
    /// The current publisher.
    pub publisher: watch::Sender<Option<Publisher>>,
}

/// The two steps of the shutdown: the consumer stops first, and the overflow queue when the open requests
/// have ended.
#[derive(Clone, Default)]
pub struct ShutdownTokens {
    /// Stops the consumer.
    pub consumer: CancellationToken,
    /// Closes the overflow queue.
    pub overflow: CancellationToken,
}

impl Supervisor {
    /// Consumes until shutdown.
    pub async fn run(self, shutdown: ShutdownTokens) {
        if self.config.amqp_url.is_none() {
            tracing::warn!("AMQP_URL is not set: only HTTP is served");
            return;
        }
        metrics::broker_connected(false);
        for queue in Topology::new(&self.config).queues() {
            metrics::queue_depth(queue, 0);
        }
        let mut delays = BACKOFF.build();
        while !shutdown.overflow.is_cancelled() {
            let started = Instant::now();
            let ended = self.session(&shutdown).await;
            metrics::broker_connected(false);
            // The broker delivers them again.
            metrics::messages_unacknowledged(0, Duration::ZERO);
            self.publisher.send_replace(None);
            let Err(error) = ended else { return };
            self.state.send_replace(BrokerState::Disconnected);
            if started.elapsed() > STABLE_SESSION {
                delays = BACKOFF.build();
            }
            let delay = delays.next().unwrap_or_default();
            tracing::warn!(%error, delay_ms = delay.as_millis(), "consuming failed; reconnecting");
            shutdown.overflow.run_until_cancelled(sleep(delay)).await;
        }
    }

    /// Runs from connecting to the first error, or to shutdown.
    async fn session(&self, shutdown: &ShutdownTokens) -> lapin::Result<()> {
        let topology = Topology::new(&self.config);
        let connecting = with_timeout(CONNECT_TIMEOUT, self.connect(&topology));
        let Some(connected) = shutdown.overflow.run_until_cancelled(connecting).await else {
            return Ok(());
        };
        let (consuming, publishing, publisher) = connected?;
        let channel = consuming.create_channel().await?;
        self.publisher.send_replace(Some(publisher.clone()));
        self.state.send_replace(BrokerState::Consuming);
        metrics::broker_connected(true);
        tracing::info!(queue = self.config.amqp_queue, "consuming");
        let acknowledger = Acknowledger::new(channel.clone());
        let retry = RetryUntilAvailable::new(shutdown.consumer.clone(), true, || ());
        let consumer = Consumer {
            store: self.store.clone(),
            enricher: self.enricher.clone(),
            values: self.values.clone(),
            settler: Settler {
                submitter: Submitter {
                    writers: self.writers.clone(),
                    retry,
                },
                publisher: publisher.clone(),
                acknowledger: acknowledger.clone(),
            },
            topology: topology.clone(),
            prefetch: self.config.amqp_prefetch,
            max_retries: self.config.amqp_max_retries,
        };
        let until_shutdown = async {
            consumer.run(&channel).await?;
            // Other replicas receive the messages that are not processed.
            with_timeout(CLOSE_TIMEOUT, channel.close(200, "stopping".into())).await?;
            shutdown.overflow.cancelled().await;
            lapin::Result::Ok(())
        };
        // While the database is unavailable the consumer does not notice the loss of the broker.
        tokio::select! {
            ended = until_shutdown => ended?,
            ended = queue_depth::monitor(&consuming, &topology) => ended?,
            never = acknowledger.report() => match never {},
            () = publisher.failed() => {
                return Err(std::io::Error::other("publishing failed").into());
            }
        }
        for connection in [consuming, publishing] {
            with_timeout(CLOSE_TIMEOUT, connection.close(200, "stopping".into())).await?;
        }
        Ok(())
    }

    /// Opens both connections and declares the topology.
    async fn connect(
        &self,
        topology: &Topology,
    ) -> lapin::Result<(Connection, Connection, Publisher)> {
        let consuming = connect(&self.config, "analytics-ingest consuming").await?;
        let publishing = connect(&self.config, "analytics-ingest publishing").await?;
        topology.declare(&consuming, &self.config).await?;
        let publisher = Publisher::new(&publishing, topology.clone(), &self.config).await?;
        Ok((consuming, publishing, publisher))
    }
}
