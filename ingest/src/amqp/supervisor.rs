//! Keeps consuming, whatever the broker does: on any error everything is made anew.

use std::time::{Duration, Instant};

use analytics_shared::health::CheckStatus;
use lapin::{Connection, ConnectionProperties, uri::AMQPUri};
use rand::RngExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    acknowledge::Acknowledger,
    consume::Consumer,
    depth,
    publish::{Publisher, within},
    settle::Settler,
    topology::Topology,
};
use crate::{
    config::AmqpConfig, enrich::Enricher, hold::Hold, metrics, store::Store, writer::Writers,
};

/// The first pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// A session that lasted this long was a good one: the next failure is a new one.
const GOOD_SESSION: Duration = Duration::from_mins(1);

/// The longest that connecting and declaring may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Seconds between signs of life, unless the URL says otherwise: after two without any a connection
/// is given up.
const HEARTBEAT: u16 = 10;
/// The longest that closing a connection may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// How the broker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// There is no `AMQP_URL`.
    NotConfigured,
    /// Messages are consumed.
    Consuming,
    /// There is no connection.
    Away,
}

impl BrokerState {
    /// For the readiness endpoint: HTTP goes on without the broker.
    #[must_use]
    pub fn health(self) -> CheckStatus {
        match self {
            Self::NotConfigured => CheckStatus::Up("not configured: HTTP only".to_owned()),
            Self::Consuming => CheckStatus::Up("consuming".to_owned()),
            Self::Away => {
                CheckStatus::Degraded("no connection: messages wait in the broker".to_owned())
            }
        }
    }
}

/// Consumes for as long as the process lives.
pub struct Supervisor {
    /// The settings.
    pub config: AmqpConfig,
    /// The database.
    pub store: Store,
    /// Completes drafts.
    pub enricher: Enricher,
    /// Stores facts.
    pub writers: Writers,
    /// Tells how the broker is.
    pub state: watch::Sender<BrokerState>,
    /// Shows who can publish.
    pub publisher: watch::Sender<Option<Publisher>>,
}

/// When to stop: first taking messages, and then keeping facts of requests that are still open.
#[derive(Clone, Default)]
pub struct Stopping {
    /// No more messages are taken.
    pub consuming: CancellationToken,
    /// No more facts are kept.
    pub keeping: CancellationToken,
}

impl Supervisor {
    /// Consumes until it is to stop.
    pub async fn run(self, stopping: Stopping) {
        let Some(url) = self.config.amqp_url.clone() else {
            tracing::warn!("AMQP_URL is not set: no messages are consumed, only HTTP is served");
            return;
        };
        let mut pause = FIRST_PAUSE;
        while !stopping.keeping.is_cancelled() {
            let started = Instant::now();
            let ended = self.session(url.expose(), &stopping).await;
            metrics::broker_connected(false);
            self.publisher.send_replace(None);
            let Err(error) = ended else { return };
            self.state.send_replace(BrokerState::Away);
            if started.elapsed() > GOOD_SESSION {
                pause = FIRST_PAUSE;
            }
            let jittered = pause.mul_f64(rand::rng().random_range(0.5..1.0));
            tracing::warn!(%error, pause_ms = jittered.as_millis(), "consuming failed; connecting again");
            tokio::select! {
                () = tokio::time::sleep(jittered) => {}
                () = stopping.keeping.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One life of the connections, from connecting to the first error.
    async fn session(&self, url: &str, stopping: &Stopping) -> lapin::Result<()> {
        let topology = Topology::of(&self.config);
        let connecting = within(PATIENCE, self.connect(url, &topology));
        let (consuming, publishing, publisher) = tokio::select! {
            connected = connecting => connected?,
            () = stopping.keeping.cancelled() => return Ok(()),
        };
        let channel = consuming.create_channel().await?;
        self.publisher.send_replace(Some(publisher.clone()));
        self.state.send_replace(BrokerState::Consuming);
        metrics::broker_connected(true);
        tracing::info!(queue = self.config.amqp_queue, "consuming");
        let consumer = Consumer {
            store: self.store.clone(),
            enricher: self.enricher.clone(),
            settler: Settler {
                writers: self.writers.clone(),
                publisher: publisher.clone(),
                hold: Hold::until(stopping.consuming.clone()),
                acknowledger: Acknowledger::on(channel.clone()),
            },
            topology: topology.clone(),
            prefetch: self.config.amqp_prefetch,
            retry_limit: self.config.amqp_retry_limit,
        };
        let until_stopped = async {
            consumer.run(&channel).await?;
            stopping.keeping.cancelled().await;
            lapin::Result::Ok(())
        };
        // The consumer may be holding messages while the database is away: then it does not notice
        // what becomes of the broker.
        tokio::select! {
            ended = until_stopped => ended?,
            ended = depth::watch(&consuming, &topology) => ended?,
            () = publisher.until_broken() => {
                return Err(std::io::Error::other("publishing failed").into());
            }
        }
        for connection in [consuming, publishing] {
            within(FAREWELL, connection.close(200, "stopping".into())).await?;
        }
        Ok(())
    }

    /// Connects twice and declares everything.
    async fn connect(
        &self,
        url: &str,
        topology: &Topology,
    ) -> lapin::Result<(Connection, Connection, Publisher)> {
        let consuming = connect(url, "analytics-ingest consuming").await?;
        let publishing = connect(url, "analytics-ingest publishing").await?;
        topology.declare(&consuming, &self.config).await?;
        let publisher = Publisher::on(&publishing, topology.clone(), &self.config).await?;
        Ok((consuming, publishing, publisher))
    }
}

async fn connect(url: &str, name: &str) -> lapin::Result<Connection> {
    let mut uri: AMQPUri = url.parse().map_err(std::io::Error::other)?;
    uri.query.heartbeat.get_or_insert(HEARTBEAT);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    Connection::connect_uri(uri, properties).await
}
