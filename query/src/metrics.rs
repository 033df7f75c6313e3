//! Prometheus metrics of the read tier. Requests are measured for both tiers in the shared crate.

use std::time::Duration;

/// Duration of statements that read facts, in seconds, by source.
const DATABASE_DURATION_SECONDS: &str = "analytics_query_database_duration_seconds";
/// Requests to the response cache, by result.
const CACHE_REQUESTS: &str = "analytics_query_cache_requests_total";
/// Exported rows, by format.
const EXPORTED_ROWS: &str = "analytics_query_exported_rows_total";
/// Requests rejected because they exceed a share or a limit, by problem code.
const REJECTED: &str = "analytics_query_rejected_total";
/// Open streams of live metrics.
pub const LIVE_WATCHERS: &str = "analytics_query_live_watchers";
/// Events that are polled for live metrics.
pub const LIVE_EVENTS: &str = "analytics_query_live_events";

/// The tables that a statement reads.
#[derive(Clone, Copy, Debug)]
pub enum ReadSource {
    Rollup,
    Facts,
}

/// Records the duration of a statement.
pub fn record_database_duration(source: ReadSource, duration: Duration) {
    let source = match source {
        ReadSource::Rollup => "rollup",
        ReadSource::Facts => "facts",
    };
    metrics::histogram!(DATABASE_DURATION_SECONDS, "source" => source).record(duration);
}

/// Counts a request to the response cache.
pub fn count_cache_request(is_hit: bool) {
    let result = if is_hit { "hit" } else { "miss" };
    metrics::counter!(CACHE_REQUESTS, "result" => result).increment(1);
}

pub fn count_exported_rows(format: &'static str, rows: usize) {
    metrics::counter!(EXPORTED_ROWS, "format" => format).increment(rows as u64);
}

/// Counts a rejected request.
pub fn count_rejected(code: &'static str) {
    metrics::counter!(REJECTED, "code" => code).increment(1);
}

/// Adds 1 to a gauge until it is dropped.
pub struct GaugeGuard(&'static str);

impl GaugeGuard {
    pub fn new(gauge: &'static str) -> Self {
        metrics::gauge!(gauge).increment(1.0);
        Self(gauge)
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        metrics::gauge!(self.0).decrement(1.0);
    }
}
