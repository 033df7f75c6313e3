//! The service: wires HTTP, the consumer, the writers and the maintenance, and shuts them down in order.

use analytics_shared::{
    auth::Authorizer,
    database::{self, TierRole, check_login},
    http::{cors, management_routes, routes, serve},
    lifecycle, telemetry,
};
use anyhow::Context;
use poem::{EndpointExt, Route};
use tokio::sync::watch;
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
    writer::Writers,
};

/// Accepts facts until shutdown, and then stores and acknowledges those in flight.
pub async fn run(config: ServeConfig) -> anyhow::Result<()> {
    telemetry::start_logging(&config.log);
    let mut metrics =
        telemetry::start_metrics(env!("CARGO_PKG_NAME")).context("cannot collect metrics")?;
    metrics::register();
    let shutdown = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Ingest)
        .await
        .context("cannot use the database URL")?;
    tokio::spawn(check_login(database.clone(), TierRole::Ingest));
    database::observe_pool(&mut metrics, "requests", &database);

    // No load on the pool delays the readiness checks.
    let checked = database::connect(&config.database.single_connection(), TierRole::Ingest).await?;

    check_tls(&config.amqp).map_err(anyhow::Error::msg)?;
    let default_timezone = config.calendar.default_timezone;
    let store = Store::new(database.clone(), default_timezone);
    preload_bot_list();
    let policy = config.roles.policy();
    let enricher = Enricher::new(store.clone());
    let connections = config.database.database_max_connections;
    let (writers, writer_tasks) = Writers::start(&config.writer, connections, &store);
    let maintenance = maintenance::start(
        &store,
        config.writer.compaction_interval(),
        shutdown.clone(),
    );
    let write_keys = WriteKeys::start(&store, shutdown.clone());
    let monitoring = tokio::spawn(store.clone().monitor(shutdown.clone()));

    let initial_state = match config.amqp.amqp_url {
        Some(_) => BrokerState::Disconnected,
        None => BrokerState::NotConfigured,
    };
    let (state, broker) = watch::channel(initial_state);
    let (publisher, overflow) = watch::channel(None);
    let stops = ShutdownTokens {
        consumer: shutdown.clone(),
        overflow: CancellationToken::new(),
    };
    let supervisor = Supervisor {
        config: config.amqp,
        store: store.clone(),
        enricher: enricher.clone(),
        writers: writers.clone(),
        state,
        publisher,
    };
    let consuming = tokio::spawn(supervisor.run(stops.clone()));

    let tokens = config.auth.verifier().context("cannot load JWT_JWKS_URL")?;
    let checked_store = Store::new(checked.clone(), default_timezone);
    let readiness = readiness(checked, checked_store, broker)
        .with_tokens(tokens.clone())
        .monitor(shutdown.clone());
    let management = management_routes(readiness, metrics);
    let limits = (config.server).rate_limits(Some(config.http.rate_limit_per_tenant));
    let authorizer = Authorizer {
        tokens,
        sessions: None,
        share_tokens: None,
        policy: policy.clone(),
    };
    let values = EventValues::new(
        config.http.event_max_values_per_day,
        &store,
        default_timezone,
    );
    let state = IngestState {
        policy,
        quota: EventQuota::new(config.http.event_quota_mib_per_day),
        values,
        enricher,
        writers,
        overflow: Overflow::new(overflow),
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
    serve(&config.server, endpoint, management, shutdown.clone())
        .await
        .context("cannot serve HTTP")?;

    shutdown.cancel();
    stops.overflow.cancel();
    consuming.await.context("the consumer failed")?;
    writer_tasks.finish().await;
    monitoring.await.context("monitoring the database failed")?;
    maintenance.await.context("maintenance failed")?;
    database
        .close()
        .await
        .context("cannot close the database")?;
    tracing::info!("stopped");
    Ok(())
}
