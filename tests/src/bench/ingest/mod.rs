//! The write throughput of every transport.
//!
//! ```text
//! mix ──▶ single  over HTTP ─────┐            ┌ the same requests to an empty route
//!     ├─▶ batch   over HTTP ─────┤ versus ────┤
//!     ├─▶ amqp    from RabbitMQ ─┤            └ COPY and INSERT of the same rows
//!     └─▶ import  of NDJSON ─────┘
//!            each with its own database and service,
//!            with the baseline, then with the current binaries ──▶ report
//! ```

mod amqp;
mod batch;
mod comparison;
mod floors;
mod http;
mod import;
mod options;
mod report;
mod single;
mod stage;
mod workload;

use analytics_shared::{
    auth::{Caller, Role},
    clock, lifecycle,
};
use anyhow::Context;
use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

pub use floors::empty_route::serve as serve_empty_route;
pub use options::{IngestOptions, Way};

use super::{
    mix::{Mix, Shape},
    programs::{self, Programs},
};
use crate::api;
use workload::Workload;

/// The simulated platform.
const SHAPE: Shape = Shape {
    organizations: 100,
    visitors: 200_000,
    first: None,
    span: TimeDelta::days(3),
};

/// The context of every run.
pub struct Bench {
    database_url: String,
    /// `None` if no messages are measured.
    amqp_url: Option<String>,
    /// The baseline, if there is one, then the current binaries.
    programs: Vec<Programs>,
    mix: Mix,
    workload: Workload,
    /// Connections of single facts.
    connections: Vec<usize>,
    /// Connections of the single facts in the headline.
    headline_connections: usize,
    /// The token of a service of the platform.
    token: String,
    stop: CancellationToken,
}

/// Runs the measurements of `options`, and prints the results.
///
/// # Errors
/// When anything is missing, or a fact is not stored.
pub async fn ingest(options: IngestOptions) -> anyhow::Result<()> {
    let amqp_url = options.required_amqp_url()?.map(str::to_owned);
    let bench = Bench {
        mix: Mix::of(options.common.seed, &SHAPE, clock::now()),
        workload: options.workload(),
        headline_connections: options.headline_connections(),
        programs: programs::all(options.common.baseline.as_deref())?,
        database_url: options.common.database_url,
        amqp_url,
        connections: options.connections,
        token: api::token(&Caller {
            tenant_id: None,
            user_id: None,
            roles: vec![Role::Service.name().to_owned()],
        }),
        stop: lifecycle::shutdown_on_signal().context("cannot listen to signals")?,
    };
    if let Some(url) = &bench.amqp_url {
        amqp::ensure_reachable(url).await?;
    }
    report::mix(&bench, &options.only);
    let mut comparisons = Vec::new();
    for way in options.only {
        comparisons.extend(Box::pin(comparison::measure(&bench, way)).await?);
    }
    report::measured(&bench, &comparisons);
    Ok(())
}

impl Bench {
    /// The current binaries, also for the floors.
    fn current(&self) -> &Programs {
        self.programs.last().expect("the current binaries")
    }
}
