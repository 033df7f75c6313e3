//! Logging and metrics.

mod log_throttle;
mod metrics;
mod request_context;

pub use self::metrics::{GaugeGuard, Metrics, start_metrics};
pub(crate) use self::metrics::{database as pool_metrics, http as http_metrics};
pub(crate) use log_throttle::LogThrottle;
pub(crate) use request_context::{REQUEST_ID, RequestContext, current_request_id, record_caller};

use std::io::{IsTerminal, Write};

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{LogConfig, LogFormat};

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
