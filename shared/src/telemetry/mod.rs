//! Logs, traces and metrics.

mod log_throttle;
mod logs;
mod request_context;
mod service_info;
pub mod traces;

pub use log_throttle::LogThrottle;
pub(crate) use logs::{InvalidFilter, LogFilter, log_filter};
pub use request_context::record_route;
pub(crate) use request_context::{REQUEST_ID, RequestContext, current_request_id, record_caller};
pub use service_info::ServiceInfo;

use std::{io::Write, time::Duration};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use crate::config::{LogConfig, TraceConfig};
use traces::{TraceError, Traces};

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

/// Starts the logs and traces of a service. The first line states its version. SIGHUP no longer ends the process, but
/// restores the log filter.
///
/// # Errors
/// When the collector of traces cannot be used, or the signal handler cannot be installed.
pub fn start(
    log: &LogConfig,
    traces: &TraceConfig,
    mut service: ServiceInfo,
) -> Result<Traces, TraceError> {
    if let Some(name) = &traces.otel_service_name {
        service.name.clone_from(name);
    }
    let (traces, layer) = Traces::start(traces, &service)?;
    logs::start(log, &service, layer, std::io::stderr);
    logs::restore_filter_on_hangup()?;
    let ServiceInfo { name, version } = service;
    tracing::info!("starting {name} {version}");
    Ok(traces)
}

/// Starts logging to standard error.
pub fn start_logging(config: &LogConfig, service: &ServiceInfo) {
    start_logging_to(config, service, std::io::stderr);
}

/// Starts logging to a writer that forwards to standard error.
pub fn start_logging_to<W: Write + 'static>(
    config: &LogConfig,
    service: &ServiceInfo,
    writer: impl Fn() -> W + Send + Sync + 'static,
) {
    logs::start(config, service, None, writer);
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
