//! Keeps consuming, whatever the broker does: on any error everything is made anew.

use std::time::{Duration, Instant};

use analytics_shared::health::State;
use lapin::{Connection, ConnectionProperties};
use rand::RngExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    consume::Consumer,
    publish::{Publisher, within},
    settle::Settler,
    topology::Topology,
};
use crate::{config::AmqpConfig, enrich::Enricher, metrics, store::Store, writer::Writers};

/// The first pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// A session that lasted this long was a good one: the next failure is a new one.
const GOOD_SESSION: Duration = Duration::from_mins(1);

/// The longest that connecting and declaring may take.
const PATIENCE: Duration = Duration::from_secs(30);
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
    pub fn health(self) -> State {
        match self {
            Self::NotConfigured => State::Up("not configured: HTTP only".to_owned()),
            Self::Consuming => State::Up("consuming".to_owned()),
            Self::Away => State::Degraded("no connection: messages wait in the broker".to_owned()),
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
}

impl Supervisor {
    /// Consumes until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let Some(url) = self.config.amqp_url.clone() else {
            tracing::warn!("AMQP_URL is not set: no messages are consumed, only HTTP is served");
            return;
        };
        let mut pause = FIRST_PAUSE;
        while !shutdown.is_cancelled() {
            let started = Instant::now();
            let ended = self.session(url.expose(), &shutdown).await;
            metrics::broker_connected(false);
            let Err(error) = ended else { return };
            self.state.send_replace(BrokerState::Away);
            if started.elapsed() > GOOD_SESSION {
                pause = FIRST_PAUSE;
            }
            let jittered = pause.mul_f64(rand::rng().random_range(0.5..1.0));
            tracing::warn!(%error, pause_ms = jittered.as_millis(), "consuming failed; connecting again");
            tokio::select! {
                () = tokio::time::sleep(jittered) => {}
                () = shutdown.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One life of the connections, from connecting to the first error.
    async fn session(&self, url: &str, shutdown: &CancellationToken) -> lapin::Result<()> {
        let connecting = within(PATIENCE, self.connect(url, shutdown));
        let (consuming, publishing, settler) = tokio::select! {
            connected = connecting => connected?,
            () = shutdown.cancelled() => return Ok(()),
        };
        let consumer = Consumer {
            store: self.store.clone(),
            enricher: self.enricher.clone(),
            settler,
            retry_limit: self.config.amqp_retry_limit,
        };
        let channel = consuming.create_channel().await?;
        self.state.send_replace(BrokerState::Consuming);
        metrics::broker_connected(true);
        tracing::info!(queue = self.config.amqp_queue, "consuming");
        consumer.run(&channel, &self.config).await?;
        for connection in [consuming, publishing] {
            within(FAREWELL, connection.close(200, "stopping".into())).await?;
        }
        Ok(())
    }

    /// Connects twice, declares everything, and makes ready to settle messages.
    async fn connect(
        &self,
        url: &str,
        shutdown: &CancellationToken,
    ) -> lapin::Result<(Connection, Connection, Settler)> {
        let consuming = connect(url, "analytics-ingest consuming").await?;
        let publishing = connect(url, "analytics-ingest publishing").await?;
        let topology = Topology::of(&self.config);
        topology.declare(&consuming, &self.config).await?;
        let settler = Settler {
            writers: self.writers.clone(),
            publisher: Publisher::on(&publishing, topology, &self.config).await?,
            shutdown: shutdown.clone(),
        };
        Ok((consuming, publishing, settler))
    }
}

async fn connect(url: &str, name: &str) -> lapin::Result<Connection> {
    Connection::connect(
        url,
        ConnectionProperties::default().with_connection_name(name.into()),
    )
    .await
}
