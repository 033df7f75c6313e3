//! The names of our own metrics; requests are measured for both tiers in the shared crate.

use std::time::Duration;

/// Seconds that reading the rows of a figure took, by where they came from.
const READ_SECONDS: &str = "analytics_query_read_seconds";
/// Answers with figures, by whether they were `made` or `known` from an earlier request.
const ANSWERS: &str = "analytics_query_answers_total";
/// Rows that were exported, by format.
const EXPORTED_ROWS: &str = "analytics_query_exported_rows_total";
/// Watchers of live figures.
const LIVE_WATCHERS: &str = "analytics_query_live_watchers";
/// Events that are watched, each looked at once however many watch it.
const LIVE_EVENTS: &str = "analytics_query_live_events";

/// Rows were read from the `rollup`, the `facts`, or `mixed`.
pub fn read(way: &'static str, took: Duration) {
    metrics::histogram!(READ_SECONDS, "way" => way).record(took);
}

/// An answer was made, or known.
pub fn answered(is_made: bool) {
    let how = if is_made { "made" } else { "known" };
    metrics::counter!(ANSWERS, "how" => how).increment(1);
}

/// `count` rows went into a file of that format.
pub fn exported(format: &'static str, count: usize) {
    metrics::counter!(EXPORTED_ROWS, "format" => format).increment(count as u64);
}

/// One of something that there are now; no longer with the end of this value.
pub struct Counted(&'static str);

impl Counted {
    /// One more who watches live figures.
    #[must_use]
    pub fn watcher() -> Self {
        Self::of(LIVE_WATCHERS)
    }

    /// One more event that is watched.
    #[must_use]
    pub fn watched_event() -> Self {
        Self::of(LIVE_EVENTS)
    }

    fn of(gauge: &'static str) -> Self {
        metrics::gauge!(gauge).increment(1.0);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(self.0).decrement(1.0);
    }
}
