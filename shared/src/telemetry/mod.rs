//! Logs, traces and metrics.

mod log_throttle;
mod logs;
mod metrics;
mod request_context;
mod service_info;
pub mod traces;

pub use self::metrics::{GaugeGuard, Metrics, start_metrics};
pub(crate) use self::metrics::{database as pool_metrics, http as http_metrics};
pub use log_throttle::LogThrottle;
pub(crate) use logs::{InvalidFilter, LogFilter, log_filter};
pub(crate) use request_context::{REQUEST_ID, RequestContext, current_request_id, record_caller};
pub use request_context::{in_current_request, record_route};
pub use service_info::ServiceInfo;

use std::io::Write;

use crate::config::{LogConfig, TraceConfig};
use traces::{TraceError, Traces};

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
