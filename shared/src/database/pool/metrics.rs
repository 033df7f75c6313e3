//! The use of a connection pool, and the wait for its connections.

use std::time::{Duration, Instant};

use sea_orm::sqlx::{Pool, Postgres};
use tokio::time::{MissedTickBehavior, interval};

use super::database_pool::DatabasePool;
use crate::telemetry::{Metrics, pool_metrics};

/// The time between two probes of the wait.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Adds the metrics of a pool. The wait of requests for connections cannot be observed from outside of the pool; a
/// probe, which waits as they do, measures it once a second.
pub fn observe_pool(metrics: &mut Metrics, name: &'static str, database: &DatabasePool) {
    let pool = database.driver_pool().clone();
    pool_metrics::describe();
    tokio::spawn(probe(name, pool.clone()));
    metrics.add_collector(move || {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        let used = pool.size().saturating_sub(idle);
        pool_metrics::record_connections(name, used, idle, pool.options().get_max_connections());
    });
}

/// Measures the wait until the pool is closed.
async fn probe(name: &'static str, pool: Pool<Postgres>) {
    let duration = pool_metrics::acquire_duration(name);
    let mut ticks = interval(PROBE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !pool.is_closed() {
        ticks.tick().await;
        // A pool without connections is unused, or its database unavailable: there is nothing to wait for.
        if pool.size() == 0 {
            continue;
        }
        let started = Instant::now();
        // A time-out has waited as well.
        let connection = pool.acquire().await;
        duration.record(started.elapsed());
        drop(connection);
    }
}
