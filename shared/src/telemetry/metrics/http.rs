//! The metrics of the API listener.

use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

use super::gauge_guard::GaugeGuard;

const CONNECTIONS: &str = "analytics_http_connections";
const REJECTED_CONNECTIONS: &str = "analytics_http_rejected_connections_total";
const REQUESTS_IN_FLIGHT: &str = "analytics_http_requests_in_flight";
const REQUEST_DURATION: &str = "analytics_http_request_duration_seconds";
const RATE_LIMITED: &str = "analytics_http_rate_limited_total";

/// Open connections.
pub(crate) fn connections() -> Gauge {
    gauge!(CONNECTIONS)
}

/// Connections that were closed because their client address had too many.
pub(crate) fn rejected_connections() -> Counter {
    counter!(REJECTED_CONNECTIONS)
}

/// Counts a request as in flight until the guard is dropped.
pub(crate) fn request_in_flight() -> GaugeGuard {
    GaugeGuard::new(gauge!(REQUESTS_IN_FLIGHT))
}

/// The time to the head of a response, by the documented path of its route.
pub(crate) fn request_duration(route: &str, method: &'static str, status: &str) -> Histogram {
    histogram!(
        REQUEST_DURATION,
        "route" => route.to_owned(), "method" => method, "status" => status.to_owned()
    )
}

/// Requests and batches that were rejected because of a rate limit of this dimension.
pub(crate) fn rate_limited(dimension: &'static str) -> Counter {
    counter!(RATE_LIMITED, "dimension" => dimension)
}

/// Describes the metrics, and registers those without labels.
pub(crate) fn register() {
    describe_gauge!(CONNECTIONS, "Open connections to the API.");
    describe_counter!(
        REJECTED_CONNECTIONS,
        "Connections closed because their client address had too many."
    );
    describe_gauge!(REQUESTS_IN_FLIGHT, "Requests whose response has not begun.");
    describe_histogram!(
        REQUEST_DURATION,
        "Time from a request to the head of its response."
    );
    describe_counter!(RATE_LIMITED, "Requests rejected because of a rate limit.");
    connections().set(0.0);
    rejected_connections().absolute(0);
    gauge!(REQUESTS_IN_FLIGHT).set(0.0);
}
