//! The write tier: facts come in over HTTP and from RabbitMQ, are completed, and are stored in
//! batches, each exactly once.
//!
//! ```text
//! http ──┐                       ┌──▶ store (facts, ledger, rollup)
//!        ├──▶ enrich ──▶ writer ─┤
//! amqp ──┘               (batch) └──▶ receipts, acknowledgements
//!   ▲                                     │ while the database is away
//!   └────────────── overflow ◀── http ◀───┘
//! ```

pub mod amqp;
pub mod batch;
pub mod config;
pub mod dead_letters;
pub mod enrich;
mod hold;
pub mod http;
pub mod import;
mod maintenance;
pub mod metrics;
mod readiness;
pub mod row;
pub mod store;
pub mod writer;

use analytics_shared::{
    database::{self, TierRole},
    http::{OperationalState, routes, serve},
    lifecycle, telemetry,
};
use anyhow::Context;
use poem::EndpointExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    amqp::{BrokerState, Overflow, Stopping, Supervisor},
    config::ServeConfig,
    enrich::Enricher,
    http::IngestState,
    store::Store,
    writer::Writers,
};

/// Takes facts until we are asked to stop; then takes no more, stores and acknowledges what it has
/// taken, and ends.
///
/// # Errors
/// When the service cannot start.
pub async fn run(config: ServeConfig) -> anyhow::Result<()> {
    telemetry::start_logging(&config.log);
    let metrics = telemetry::start_metrics().context("cannot collect metrics")?;
    let shutdown = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Ingest)
        .await
        .context("DATABASE_URL is not a PostgreSQL URL")?;

    let store = Store::new(database.clone(), config.calendar.default_timezone);
    enrich::learn_robots();
    let enricher = Enricher::new(store.clone());
    let connections = config.database.database_max_connections;
    let (writers, writer_tasks) = Writers::start(&config.writer, connections, &store);
    let maintenance = maintenance::start(
        &store,
        config.writer.compaction_interval(),
        shutdown.clone(),
    );
    let watching = tokio::spawn(store.clone().watch_database(shutdown.clone()));

    let initially = match config.amqp.amqp_url {
        Some(_) => BrokerState::Away,
        None => BrokerState::NotConfigured,
    };
    let (state, broker) = watch::channel(initially);
    let (publisher, overflow) = watch::channel(None);
    let stopping = Stopping {
        consuming: shutdown.clone(),
        keeping: CancellationToken::new(),
    };
    let supervisor = Supervisor {
        config: config.amqp,
        store: store.clone(),
        enricher: enricher.clone(),
        writers: writers.clone(),
        state,
        publisher,
    };
    let consuming = tokio::spawn(supervisor.run(stopping.clone()));

    let operations = OperationalState {
        readiness: readiness::readiness(database.clone(), store, broker),
        metrics,
        keys: config.auth.keys(),
    };
    let intake = IngestState {
        enricher,
        writers,
        overflow: Overflow::new(overflow),
        trusted: config.http.trusted_networks,
    };
    let origins = config.http.cors_origins;
    let endpoint = routes(http::api(), intake, operations)
        .around(move |endpoint, request| http::cors(endpoint, request, origins.clone()));
    serve(&config.server, endpoint, shutdown.clone())
        .await
        .context("cannot serve HTTP")?;

    shutdown.cancel();
    stopping.keeping.cancel();
    consuming.await.context("the consumer failed")?;
    writer_tasks.finish().await;
    watching.await.context("watching the database failed")?;
    maintenance.await.context("maintenance failed")?;
    database
        .close()
        .await
        .context("cannot close the database")?;
    tracing::info!("stopped");
    Ok(())
}
