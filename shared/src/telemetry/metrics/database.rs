//! The metrics of connection pools.

use metrics::{Histogram, describe_gauge, describe_histogram, gauge, histogram};

const CONNECTIONS: &str = "analytics_database_pool_connections";
const MAX_CONNECTIONS: &str = "analytics_database_pool_max_connections";
const ACQUIRE_DURATION: &str = "analytics_database_pool_acquire_duration_seconds";

/// Describes the metrics.
pub(crate) fn describe() {
    describe_gauge!(CONNECTIONS, "Connections of a pool, in use or idle.");
    describe_gauge!(MAX_CONNECTIONS, "Maximum number of connections of a pool.");
    describe_histogram!(
        ACQUIRE_DURATION,
        "Time that a probe, once a second, waits for a connection of the pool."
    );
}

/// Records the connections of a pool.
pub(crate) fn record_connections(pool: &'static str, used: u32, idle: u32, max: u32) {
    gauge!(CONNECTIONS, "pool" => pool, "state" => "used").set(f64::from(used));
    gauge!(CONNECTIONS, "pool" => pool, "state" => "idle").set(f64::from(idle));
    gauge!(MAX_CONNECTIONS, "pool" => pool).set(f64::from(max));
}

/// The time that a probe waits for a connection.
pub(crate) fn acquire_duration(pool: &'static str) -> Histogram {
    histogram!(ACQUIRE_DURATION, "pool" => pool)
}
