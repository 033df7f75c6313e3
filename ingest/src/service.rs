//! The service: wires HTTP, the consumer, the writers and the maintenance, and shuts them down in order.

use std::time::Duration;

use analytics_shared::{
    auth::Authorizer,
    database::{self, DatabaseMonitor, DatabasePool, TierRole, check_login},
    http::{cors, management_routes, routes, serve},
    lifecycle::Shutdown,
    service_info, telemetry,
};
use anyhow::Context;
use poem::{EndpointExt, Route};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    amqp::{
        broker_state::BrokerState,
        connection::check_tls,
        overflow::Overflow,
        supervisor::{ShutdownTokens, Supervisor},
    },
    config::ServeConfig,
    enrich::{bot::preload_bot_list, enricher::Enricher},
    http::{
        self,
        cors::{CORS_RULES, CorsOrigins},
        readiness::readiness,
        track_pipeline::IngestState,
    },
    limits::{event_quota::EventQuota, event_values::EventValues},
    maintenance, metrics,
    store::{database::Store, lookup::write_keys::WriteKeys},
    writer::{WriterTasks, Writers},
};

/// The time in which messages and accepted facts are settled after the last request.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(5);
/// The time in which the current runs of the maintenance end, and the connections to the database are closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Accepts facts until shutdown, and then stores and acknowledges those in flight.
pub async fn run(config: ServeConfig) -> anyhow::Result<()> {
    let traces = telemetry::start(&config.log, &config.traces, service_info!())?;
    let mut metrics =
        telemetry::start_metrics(env!("CARGO_PKG_NAME")).context("cannot collect metrics")?;
    metrics::register();
    let drain = config.server.drain();
    let shutdown = Shutdown::on_signal(drain).context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Ingest)
        .await
        .context("cannot use the database URL")?;
    tokio::spawn(check_login(database.clone(), TierRole::Ingest));
    database::observe_pool(&mut metrics, "requests", &database);
    let monitor = DatabaseMonitor::start(&config.database, TierRole::Ingest, &database).await?;

    check_tls(&config.amqp).map_err(anyhow::Error::msg)?;
    let default_timezone = config.calendar.default_timezone;
    let store = Store::new(database.clone(), default_timezone);
    store.follow(monitor.clone());
    preload_bot_list();
    let policy = config.roles.policy();
    let enricher = Enricher::new(store.clone());
    let values = EventValues::new(
        config.http.event_max_values_per_day,
        &store,
        default_timezone,
    );
    let connections = config.database.database_max_connections;
    let (writers, writer_tasks) = Writers::start(&config.writer, connections, &store);
    let maintenance = maintenance::start(
        &store,
        config.writer.compaction_interval(),
        shutdown.requested.clone(),
    );
    let write_keys = WriteKeys::start(&store, shutdown.drained.clone());

    let initial_state = match config.amqp.amqp_url {
        Some(_) => BrokerState::Disconnected,
        None => BrokerState::NotConfigured,
    };
    let (state, broker) = watch::channel(initial_state);
    let (publisher, overflow) = watch::channel(None);
    let overflow = Overflow::new(overflow);
    let stops = ShutdownTokens {
        consumer: shutdown.requested.clone(),
        overflow: CancellationToken::new(),
    };
    let supervisor = Supervisor {
        config: config.amqp,
        store: store.clone(),
        enricher: enricher.clone(),
        values: values.clone(),
        writers: writers.clone(),
        state,
        publisher,
    };
    let consuming = tokio::spawn(supervisor.run(stops.clone()));

    let tokens = config.auth.verifier().context("cannot load JWT_JWKS_URL")?;
    let readiness = readiness(monitor, store, overflow.clone(), broker)
        .with_tokens(tokens.clone())
        .monitor(shutdown.requested.clone());
    let management = management_routes(readiness, metrics);
    let limits = (config.server).rate_limits(Some(config.http.rate_limit_per_tenant));
    let authorizer = Authorizer {
        tokens,
        sessions: None,
        share_tokens: None,
        policy: policy.clone(),
    };
    let state = IngestState {
        policy,
        quota: EventQuota::new(config.http.event_quota_mib_per_day),
        values,
        enricher,
        writers,
        overflow,
        write_keys: write_keys.clone(),
        requires_write_key: config.http.require_write_key,
    };
    let origins = CorsOrigins {
        configured: config.http.cors_allowed_origins,
        write_keys,
    };
    let endpoint = routes(http::api(), Route::new(), state, authorizer, limits).around(
        move |endpoint, request| {
            let origins = origins.clone();
            cors(endpoint, request, &CORS_RULES, move |origin| {
                origins.contains(origin)
            })
        },
    );
    serve(&config.server, endpoint, management, shutdown)
        .await
        .context("cannot serve HTTP")?;

    stops.overflow.cancel();
    settle(consuming, &writer_tasks)
        .await
        .context("the consumer failed")?;
    close(maintenance, database).await?;
    tracing::info!("stopped");
    traces.finish().await;
    Ok(())
}

/// Settles the messages and facts in flight. Those that the database does not commit in time are dropped: none of
/// them is acknowledged.
async fn settle(consuming: JoinHandle<()>, writer_tasks: &WriterTasks) -> Result<(), JoinError> {
    let settling = async {
        let consumed = consuming.await;
        writer_tasks.finish().await;
        consumed
    };
    timeout(SETTLE_TIMEOUT, settling).await.unwrap_or_else(|_| {
        let facts = writer_tasks.unsettled();
        tracing::error!(
            facts,
            "facts that are not acknowledged are dropped: the database did not commit them in time"
        );
        Ok(())
    })
}

/// Waits for the current runs of the maintenance, which the end of the process would roll back.
async fn close(maintenance: JoinHandle<()>, database: DatabasePool) -> anyhow::Result<()> {
    let closing = async {
        maintenance.await.context("maintenance failed")?;
        let closed = database.close().await;
        closed.context("cannot close the database")
    };
    timeout(CLOSE_TIMEOUT, closing).await.unwrap_or_else(|_| {
        tracing::warn!("the database does not respond: its connections are dropped");
        Ok(())
    })
}
