//! Metrics: the recorder of a process, and those that both tiers have.
//!
//! Every series with known labels is registered when its part of the service starts, so that it begins at 0
//! and `increase()` sees the first event.

pub(crate) mod database;
mod gauge_guard;
pub(crate) mod http;

pub use gauge_guard::GaugeGuard;

use std::{sync::Arc, time::Duration};

use metrics::{describe_gauge, gauge};
use metrics_exporter_prometheus::{
    BuildError,
    Matcher::{Full, Suffix},
    PrometheusBuilder, PrometheusHandle,
};
use metrics_process::Collector;

/// The bucket bounds of durations in seconds. Those above 1 are limits of the service: the overflow queue after 2 s, a
/// connection of the pool within 5 s, a statement within 30 s, a client that reads nothing for 60 s.
const SECONDS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];
/// The bucket bounds of lags in seconds: up to one day.
const LAGS: [f64; 12] = [
    0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 21_600.0, 86_400.0,
];
/// The bucket bounds of exports in seconds: up to the lifetime of a token.
const EXPORTS: [f64; 11] = [
    0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0,
];
/// The bucket bounds of row counts: from one fact to a full batch.
const ROWS: [f64; 8] = [1.0, 5.0, 20.0, 100.0, 250.0, 500.0, 1000.0, 2000.0];

/// The program and its version; always 1.
const BUILD_INFO: &str = "analytics_build_info";

/// Records values that are read at each scrape.
type Collect = Arc<dyn Fn() + Send + Sync>;

/// The metrics of the process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    collectors: Vec<Collect>,
}

/// Installs the recorder of the metrics of `program`. What is recorded before is lost.
///
/// # Errors
/// When a recorder is already installed.
pub fn start_metrics(program: &'static str) -> Result<Metrics, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Full("analytics_query_export_duration_seconds".to_owned()),
            &EXPORTS,
        )?
        .set_buckets_for_metric(Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Suffix("_lag_seconds".to_owned()), &LAGS)?
        .set_buckets_for_metric(Suffix("_rows".to_owned()), &ROWS)?
        .install_recorder()?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(Duration::from_secs(5));
        loop {
            interval.tick().await;
            upkeep.run_upkeep();
        }
    });
    describe_gauge!(BUILD_INFO, "The program and its version; always 1.");
    gauge!(BUILD_INFO, "program" => program, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let process = Collector::default();
    process.describe();
    Ok(Metrics {
        handle,
        collectors: vec![Arc::new(move || process.collect())],
    })
}

impl Metrics {
    /// Adds values that `collect` records at each scrape.
    pub fn add_collector(&mut self, collect: impl Fn() + Send + Sync + 'static) {
        self.collectors.push(Arc::new(collect));
    }

    /// Returns the body of `/metrics`.
    pub(crate) fn render(&self) -> String {
        for collect in &self.collectors {
            collect();
        }
        self.handle.render()
    }
}
