//! Logging and metrics.

mod log_throttle;
mod request_context;

pub(crate) use log_throttle::LogThrottle;
pub(crate) use request_context::{REQUEST_ID, RequestContext, current_request_id, record_caller};

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{LogConfig, LogFormat};

/// The bucket bounds of durations in seconds: from a fast statement to a slow export.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];
/// The bucket bounds of lags in seconds: up to one day.
const LAGS: [f64; 10] = [
    0.01, 0.1, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 21_600.0, 86_400.0,
];
/// The bucket bounds of row counts: from one fact to a full batch.
const ROWS: [f64; 8] = [1.0, 5.0, 20.0, 100.0, 250.0, 500.0, 1000.0, 2000.0];

/// Starts logging to standard error.
pub fn start_logging(config: &LogConfig) {
    start_logging_to(config, std::io::stderr);
}

/// Starts logging to a writer that forwards to standard error.
pub fn start_logging_to<W: Write + 'static>(
    config: &LogConfig,
    writer: impl Fn() -> W + Send + Sync + 'static,
) {
    // This target logs the bodies of returned messages, which contain personal data.
    const DISABLED: &str = "lapin::returned_messages=off";
    let filter = EnvFilter::new(format!("{},{DISABLED}", config.log_filter));
    let registry = tracing_subscriber::registry().with(filter);
    match config.log_format {
        LogFormat::Text => {
            let ansi = std::io::stderr().is_terminal();
            registry
                .with(fmt::layer().with_ansi(ansi).with_writer(writer))
                .init();
        }
        LogFormat::Json => registry
            .with(fmt::layer().json().with_writer(writer))
            .init(),
    }
}

/// Installs the metrics recorder, and returns the handle that renders the body of `/metrics`.
///
/// # Errors
/// When a recorder is already installed.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    use metrics_exporter_prometheus::Matcher::Suffix;
    let handle = PrometheusBuilder::new()
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
    Ok(handle)
}
