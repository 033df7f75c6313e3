//! Logs on standard error, as text or as one flat JSON object per line.

mod filter;
mod json_line;

pub(crate) use filter::{InvalidFilter, LogFilter};

use std::{
    io::{IsTerminal, Write},
    sync::OnceLock,
};

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{
    fmt::{self, format::JsonFields},
    prelude::*,
};

use super::{service_info::ServiceInfo, traces::BoxedLayer};
use crate::config::{LogConfig, LogFormat};
use json_line::JsonLine;

/// The filter of this process.
static FILTER: OnceLock<LogFilter> = OnceLock::new();

/// Returns the log filter of this process; `None` before logging is started.
pub(crate) fn log_filter() -> Option<&'static LogFilter> {
    FILTER.get()
}

/// Starts logging to a writer that forwards to standard error, beside a layer that exports spans.
pub(super) fn start<W: Write + 'static>(
    config: &LogConfig,
    service: &ServiceInfo,
    spans: Option<BoxedLayer>,
    writer: impl Fn() -> W + Send + Sync + 'static,
) {
    let (filter, handle) = LogFilter::layer(&config.log_filter);
    let lines = match config.log_format {
        LogFormat::Text => {
            let ansi = std::io::stderr().is_terminal();
            let lines = fmt::layer().with_ansi(ansi).with_writer(writer);
            lines.with_filter(filter).boxed()
        }
        LogFormat::Json => fmt::layer()
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine::new(service))
            .with_writer(writer)
            .with_filter(filter)
            .boxed(),
    };
    let layers: Vec<BoxedLayer> = spans.into_iter().chain([lines]).collect();
    tracing_subscriber::registry().with(layers).init();
    let _ = FILTER.set(handle);
}

/// Restores the configured filter at each SIGHUP, which would end the process otherwise.
pub(super) fn restore_filter_on_hangup() -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            if let Some(filter) = log_filter() {
                filter.restore();
            }
        }
    });
    Ok(())
}
