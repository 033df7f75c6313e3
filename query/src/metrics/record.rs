//! The names of the metrics, and the functions that record values.

use std::time::Duration;

use analytics_shared::telemetry::GaugeGuard;
use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};
use strum::IntoEnumIterator;

use super::labels::{ExportOutcome, ReadSource, RejectionCode};

const DATABASE_DURATION: &str = "analytics_query_database_duration_seconds";
const DATABASE_UP: &str = "analytics_query_database_up";
const REPLICA_LAG: &str = "analytics_query_replica_lag_seconds";
const CACHE_REQUESTS: &str = "analytics_query_cache_requests_total";
const CACHE_BYTES: &str = "analytics_query_cache_bytes";
const CACHE_ENTRIES: &str = "analytics_query_cache_entries";
const REJECTED: &str = "analytics_query_rejected_total";
const LIVE_WATCHERS: &str = "analytics_query_live_watchers";
const LIVE_EVENTS: &str = "analytics_query_live_events";
const EXPORTED_ROWS: &str = "analytics_query_exported_rows_total";
const EXPORTS: &str = "analytics_query_exports_total";
const EXPORTS_IN_FLIGHT: &str = "analytics_query_exports_in_flight";
const EXPORT_DURATION: &str = "analytics_query_export_duration_seconds";

/// Describes all metrics, and registers their series. `formats` are those of exports.
pub fn register(formats: impl IntoIterator<Item = &'static str>) {
    describe();
    for source in ReadSource::iter() {
        let _ = database_duration(source);
    }
    for is_hit in [true, false] {
        cache_requests(is_hit).absolute(0);
    }
    RejectionCode::iter().for_each(|code| rejected(code).absolute(0));
    for format in formats {
        exported_rows(format).absolute(0);
        exports_in_flight(format).set(0.0);
        let _ = export_duration(format);
        ExportOutcome::iter().for_each(|outcome| exports(format, outcome).absolute(0));
    }
    for gauge in [DATABASE_UP, REPLICA_LAG, LIVE_WATCHERS, LIVE_EVENTS] {
        gauge!(gauge).set(0.0);
    }
}

fn describe() {
    describe_histogram!(
        DATABASE_DURATION,
        "Duration of reading rows that were not cached."
    );
    describe_gauge!(
        DATABASE_UP,
        "1 while the database responds within 2 seconds and has the schema of the program, else 0."
    );
    describe_gauge!(REPLICA_LAG, "Delay of the replica; 0 on a primary.");
    describe_counter!(CACHE_REQUESTS, "Responses from the cache or computed.");
    describe_gauge!(CACHE_BYTES, "Approximate memory of the entries of a cache.");
    describe_gauge!(CACHE_ENTRIES, "Entries of a cache.");
    describe_counter!(
        REJECTED,
        "Requests rejected because they exceed a share or a limit."
    );
    describe_gauge!(LIVE_WATCHERS, "Open streams of live figures.");
    describe_gauge!(LIVE_EVENTS, "Events with open streams.");
    describe_counter!(EXPORTED_ROWS, "Rows of exported files.");
    describe_counter!(EXPORTS, "Exports that have ended.");
    describe_gauge!(EXPORTS_IN_FLIGHT, "Exports that are being written or sent.");
    describe_histogram!(
        EXPORT_DURATION,
        "Time from the request of an export to the end of its file."
    );
}

fn database_duration(source: ReadSource) -> Histogram {
    let source: &'static str = source.into();
    histogram!(DATABASE_DURATION, "source" => source)
}

fn cache_requests(is_hit: bool) -> Counter {
    let result = if is_hit { "hit" } else { "miss" };
    counter!(CACHE_REQUESTS, "result" => result)
}

fn rejected(code: RejectionCode) -> Counter {
    let code: &'static str = code.into();
    counter!(REJECTED, "code" => code)
}

fn exported_rows(format: &'static str) -> Counter {
    counter!(EXPORTED_ROWS, "format" => format)
}

/// Exports of a format that ended so.
pub(super) fn exports(format: &'static str, outcome: ExportOutcome) -> Counter {
    let outcome: &'static str = outcome.into();
    counter!(EXPORTS, "format" => format, "outcome" => outcome)
}

/// Exports of a format that are being written or sent.
pub(super) fn exports_in_flight(format: &'static str) -> Gauge {
    gauge!(EXPORTS_IN_FLIGHT, "format" => format)
}

/// The time to the end of a file of this format.
pub(super) fn export_duration(format: &'static str) -> Histogram {
    histogram!(EXPORT_DURATION, "format" => format)
}

/// Records whether the database can be used, with the delay of a replica in seconds.
pub fn record_database(is_up: bool, replica_lag: f64) {
    gauge!(DATABASE_UP).set(f64::from(u8::from(is_up)));
    gauge!(REPLICA_LAG).set(replica_lag);
}

/// Records the duration of a statement.
pub fn record_database_duration(source: ReadSource, duration: Duration) {
    database_duration(source).record(duration);
}

/// Counts a request to the response cache.
pub fn count_cache_request(is_hit: bool) {
    cache_requests(is_hit).increment(1);
}

/// Records the use of a cache.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn record_cache_use(cache: &'static str, bytes: u64, entries: u64) {
    gauge!(CACHE_BYTES, "cache" => cache).set(bytes as f64);
    gauge!(CACHE_ENTRIES, "cache" => cache).set(entries as f64);
}

/// Counts rows of a file of this format.
pub fn count_exported_rows(format: &'static str, rows: usize) {
    exported_rows(format).increment(rows as u64);
}

/// Counts a rejected request.
pub fn count_rejected(code: RejectionCode) {
    rejected(code).increment(1);
}

/// Counts a stream of live figures until the guard is dropped.
pub fn live_watcher() -> GaugeGuard {
    GaugeGuard::new(gauge!(LIVE_WATCHERS))
}

/// Counts an event with such streams until the guard is dropped.
pub fn live_event() -> GaugeGuard {
    GaugeGuard::new(gauge!(LIVE_EVENTS))
}
