//! The read tier: dashboards, funnels, reports and exports, from a database that it cannot write.
//!
//! ```text
//! api (requests, responses) ──▶ export (files), live (updates) ──▶ cache ──▶ store (SQL)
//!    all of them ──▶ analytics (definitions of the metrics), admission (limits)
//! web (the page of the organizer, which uses the API)
//! ```

mod admission;
mod analytics;
pub mod api;
mod app;
mod cache;
pub mod cli;
pub mod config;
mod export;
mod live;
mod metrics;
mod sharing;
mod store;
mod web;

use std::{sync::Arc, time::Duration};

use analytics_shared::{
    auth::Authorizer,
    database::{self, DatabaseMonitor, DatabasePool, TierRole, check_login},
    http::{self, cors},
    lifecycle::{Shutdown, health::Readiness},
    telemetry::{self, Metrics},
};
use anyhow::Context;
use poem::EndpointExt;

use admission::{ReadAdmission, StreamLimits};
use app::App;
use cache::{EventCache, RequestCoalescer, ResponseCache};
use config::ServeConfig;
use export::{ExportLimits, FileFormat};
use live::LiveHub;
use sharing::SharedLinks;
use store::{SharedLinkStore, Store};
use web::ProblemPages;

/// The time-out of closing the connection pool.
const POOL_CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves the API until shutdown.
///
/// # Errors
/// Fails if the configuration is invalid or the address cannot be bound.
pub async fn run(config: ServeConfig) -> anyhow::Result<()> {
    let mut metrics =
        telemetry::start_metrics(env!("CARGO_PKG_NAME")).context("cannot collect metrics")?;
    metrics::register(FileFormat::ALL.map(FileFormat::extension));
    let drain = config.server.drain();
    let shutdown = Shutdown::on_signal(drain).context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Query)
        .await
        .context("cannot use the database URL")?;
    tokio::spawn(check_login(database.clone(), TierRole::Query));
    database::observe_pool(&mut metrics, "requests", &database);
    let share_links = share_links(&config, &database, &mut metrics).await?;
    let monitor = DatabaseMonitor::start(&config.database, TierRole::Query, &database).await?;
    let tokens = config.auth.verifier().context("cannot load JWT_JWKS_URL")?;
    metrics.add_collector({
        let monitor = monitor.clone();
        move || metrics::record_database(monitor.state().is_usable(), monitor.replica_lag())
    });
    let readiness = Readiness::default()
        .with_database(monitor)
        .with_tokens(tokens.clone());
    let authorizer = Authorizer {
        tokens,
        sessions: Some(config.session.sessions(&config.auth)),
        share_tokens: Some(Arc::new(share_links.clone())),
        policy: config.roles.policy(),
    };
    let limits = config.server.rate_limits(None);
    let default_zone = config.calendar.default_timezone;
    let store = Store::new(
        database.clone(),
        default_zone,
        config.max_exports(),
        config.max_read_bytes(),
    );
    // Responses are small compared to the days that they are built from.
    let responses = ResponseCache::new(config.cache_bytes() / 4);
    let events = EventCache::new(config.cache_bytes() / 4 * 3);
    observe_caches(&mut metrics, responses.clone(), events.clone());
    let management =
        http::management_routes(readiness.monitor(shutdown.requested.clone()), metrics);
    let reads = ReadAdmission::new(config.read_max_per_tenant, config.read_time_per_minute());
    let app = App {
        live: LiveHub::new(
            store.clone(),
            events.clone(),
            reads.clone(),
            // Before that, clients might reconnect to this process.
            shutdown.drained.clone(),
        ),
        reads,
        streams: StreamLimits::new(
            config.stream_max_per_token,
            config.stream_max_per_tenant,
            config.stream_max_per_address,
        ),
        exports: ExportLimits::new(
            config.export_max_per_tenant,
            config.export_disk_per_tenant_mib,
            config.export_disk_mib,
        ),
        share_links,
        store,
        events,
        responses,
        coalescer: RequestCoalescer::default(),
    };
    let problem_pages = ProblemPages::new();
    let routes = http::routes(
        api::service(),
        web::pages(&config.frame_ancestors),
        app,
        authorizer,
        limits,
    )
    .around(api::compress)
    .around(move |endpoint, request| problem_pages.clone().explain(endpoint, request))
    .around(move |endpoint, request| {
        let origins = config.cors_allowed_origins.clone();
        cors(endpoint, request, &api::CORS_RULES, move |origin| {
            origins.contains(origin)
        })
    });
    http::serve(&config.server, routes, management, shutdown)
        .await
        .context("cannot serve HTTP")?;
    // An export to a slow client may still hold its connection, which the end of the process closes.
    if let Ok(closed) = tokio::time::timeout(POOL_CLOSE_TIMEOUT, database.close()).await {
        closed.context("cannot close the database")?;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Adds the metrics of the caches.
fn observe_caches(metrics: &mut Metrics, responses: ResponseCache, events: EventCache) {
    metrics.add_collector(move || {
        let sizes = [("responses", responses.size()), ("events", events.size())];
        for (cache, (bytes, entries)) in sizes {
            metrics::record_cache_use(cache, bytes, entries);
        }
    });
}

/// Returns the share links, which need a connection of their own to be written.
async fn share_links(
    config: &ServeConfig,
    database: &DatabasePool,
    metrics: &mut Metrics,
) -> anyhow::Result<SharedLinks> {
    let store = if let Some(url) = &config.share_database_url {
        let config = config.database.with_login(url);
        let database = database::connect(&config, TierRole::Sharing).await;
        let database = database.context("cannot use SHARE_DATABASE_URL")?;
        tokio::spawn(check_login(database.clone(), TierRole::Sharing));
        database::observe_pool(metrics, "sharing", &database);
        SharedLinkStore::writable(database)
    } else {
        tracing::warn!("SHARE_DATABASE_URL is not set: share links cannot be created or revoked");
        SharedLinkStore::read_only(database.clone())
    };
    Ok(SharedLinks::new(store, config.session.share_tokens()))
}
