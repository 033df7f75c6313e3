//! Logs and metrics.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{LogConfig, LogFormat};

/// Bounds of every histogram of seconds: from a fast statement to a slow export.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];
/// Bounds of lags in seconds: from at once to a day.
const LAGS: [f64; 10] = [
    0.01, 0.1, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 21_600.0, 86_400.0,
];
/// Bounds of every histogram of rows: from one fact to a full batch.
const ROWS: [f64; 8] = [1.0, 5.0, 20.0, 100.0, 250.0, 500.0, 1000.0, 2000.0];

/// Starts logging to standard error.
pub fn start_logging(config: &LogConfig) {
    start_logging_to(config, std::io::stderr);
}

/// The same through a writer of one's own, which ends at standard error all the same.
pub fn start_logging_to<W: Write + 'static>(
    config: &LogConfig,
    writer: impl Fn() -> W + Send + Sync + 'static,
) {
    // It would log the bodies of messages that were returned, names and all.
    const NEVER: &str = "lapin::returned_messages=off";
    let filter = EnvFilter::new(format!("{},{NEVER}", config.log_filter));
    let registry = tracing_subscriber::registry().with(filter);
    match config.log_format {
        LogFormat::Text => {
            let colours = std::io::stderr().is_terminal();
            registry
                .with(fmt::layer().with_ansi(colours).with_writer(writer))
                .init();
        }
        LogFormat::Json => registry
            .with(fmt::layer().json().with_writer(writer))
            .init(),
    }
}

/// Starts collecting metrics; what the handle renders is the body of `/metrics`.
///
/// # Errors
/// When metrics are collected already.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    use metrics_exporter_prometheus::Matcher::Suffix;
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Suffix("_lag_seconds".to_owned()), &LAGS)?
        .set_buckets_for_metric(Suffix("_rows".to_owned()), &ROWS)?
        .install_recorder()?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut rhythm = tokio::time::interval(Duration::from_secs(5));
        loop {
            rhythm.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}
