//! The read tier: dashboards, funnels, reports and exports, from a database that it cannot write.
//!
//! ```text
//! api (requests, answers) ──▶ figures (what they mean) ◀── store (SQL that reads)
//!    ├───────────────────────▶ export (files) ◀────────────────┤
//!    └───────────────────────▶ live (watched events) ◀─────────┘
//! ```

#[path = "cache/responses.rs"]
pub mod answers;
pub mod api;
pub mod cli;
pub mod export;
#[path = "analytics/mod.rs"]
pub mod figures;
pub mod live;
pub mod metrics;
pub mod store;

use std::time::Duration;

use analytics_shared::{
    database::{self, TierRole},
    health::Readiness,
    http::{self, Operations},
    lifecycle, telemetry,
};
use anyhow::Context;
use chrono_tz::Tz;

use answers::Answers;
use api::ResponseKey;
use cli::ServeConfig;
use export::Turns;
use live::Live;
use store::Store;

/// How long the connections may take to be given back at the end.
const CLOSING: Duration = Duration::from_secs(2);

/// What the endpoints need.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// Answers that were made before.
    pub answers: Answers<ResponseKey>,
    /// Events that are watched.
    pub live: Live,
    /// Exports that run.
    pub exports: Turns,
    /// The zone of events that name none.
    pub default_zone: Tz,
}

/// Serves the API until we are asked to stop.
///
/// # Errors
/// When the configuration cannot be used, or the address cannot be listened on.
pub async fn run(config: ServeConfig) -> anyhow::Result<()> {
    let shutdown = lifecycle::shutdown_on_signal().context("cannot listen to signals")?;
    let database = database::connect(&config.database, TierRole::Query)
        .await
        .context("cannot use the database URL")?;
    let operations = Operations {
        readiness: Readiness::default().with_database(database.clone()),
        metrics: telemetry::start_metrics().context("cannot collect metrics")?,
        keys: config.auth.keys(),
    };
    // Answers are small, and what they are made of is not.
    let answers = Answers::new(config.cache_bytes() / 4);
    let store = Store::new(
        database.clone(),
        config.exports_at_once(),
        config.cache_bytes() / 4 * 3,
    );
    let default_zone = config.calendar.default_timezone;
    let app = App {
        store: store.clone(),
        answers,
        live: Live::new(store, default_zone, shutdown.clone()),
        exports: Turns::new(config.export_max_per_tenant),
        default_zone,
    };
    let routes = http::routes(api::service(), app, operations);
    http::serve(&config.server, routes, shutdown)
        .await
        .with_context(|| format!("cannot listen on {}", config.server.listen_addr))?;
    // An export whose reader is slow may still hold its connection: the end of the process ends it.
    if let Ok(closed) = tokio::time::timeout(CLOSING, database.close()).await {
        closed.context("cannot close the database")?;
    }
    tracing::info!("stopped");
    Ok(())
}
