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
    database::{self, TierRole, check_login},
    http::{self, cors},
    lifecycle::{self, health::Readiness},
    telemetry,
};
use anyhow::Context;
use poem::EndpointExt;
use sea_orm::DatabaseConnection;

use admission::{ReadAdmission, StreamLimits};
use app::App;
use cache::{EventCache, RequestCoalescer, ResponseCache};
use config::ServeConfig;
use export::ExportLimits;
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
    let shutdown = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Query)
        .await
        .context("cannot use the database URL")?;
    tokio::spawn(check_login(database.clone(), TierRole::Query));
    let share_links = share_links(&config, &database).await?;
    // No load on the pool delays the readiness check.
    let checked = database::connect(&config.database.single_connection(), TierRole::Query).await?;
    let tokens = config.auth.verifier().context("cannot load JWT_JWKS_URL")?;
    let readiness = Readiness::default()
        .with_database(checked)
        .with_tokens(tokens.clone());
    let metrics = telemetry::start_metrics().context("cannot collect metrics")?;
    let management = http::management_routes(readiness.monitor(shutdown.clone()), metrics);
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
    let reads = ReadAdmission::new(config.read_max_per_tenant, config.read_time_per_minute());
    let app = App {
        live: LiveHub::new(
            store.clone(),
            events.clone(),
            reads.clone(),
            shutdown.clone(),
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
        reports: RequestCoalescer::default(),
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

/// Returns the share links, which need a connection of their own to be written.
async fn share_links(
    config: &ServeConfig,
    database: &DatabaseConnection,
) -> anyhow::Result<SharedLinks> {
    let store = if let Some(url) = &config.share_database_url {
        let config = config.database.with_login(url);
        let database = database::connect(&config, TierRole::Sharing).await;
        let database = database.context("cannot use SHARE_DATABASE_URL")?;
        tokio::spawn(check_login(database.clone(), TierRole::Sharing));
        SharedLinkStore::writable(database)
    } else {
        tracing::warn!("SHARE_DATABASE_URL is not set: share links cannot be created or revoked");
        SharedLinkStore::read_only(database.clone())
    };
    Ok(SharedLinks::new(store, config.session.share_tokens()))
}
