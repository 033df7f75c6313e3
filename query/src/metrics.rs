//! The names of our own metrics; requests are measured for both tiers in the shared crate.

use std::time::Duration;

/// Seconds that reading the rows of a figure took, by figure and by where they came from.
const READ_SECONDS: &str = "analytics_query_read_seconds";
/// Facts that were exported, by format.
const EXPORTED_ROWS: &str = "analytics_query_exported_rows_total";

/// Rows for `figure` were read from the `rollup`, the `facts`, or `mixed`.
pub fn read(figure: &'static str, way: &'static str, took: Duration) {
    metrics::histogram!(READ_SECONDS, "figure" => figure, "way" => way).record(took);
}

/// `count` facts went into a file of that format.
pub fn exported(format: &'static str, count: usize) {
    metrics::counter!(EXPORTED_ROWS, "format" => format).increment(count as u64);
}
