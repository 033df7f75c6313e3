//! The availability of the database, and the delay of a replica.

use std::time::Duration;

use analytics_shared::database::{DatabasePool, replica_lag};
use tokio::time::{sleep, timeout};

use super::record::record_database;

/// The time between two checks.
const INTERVAL: Duration = Duration::from_secs(2);
/// The time-out of a check.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Records the availability of the database for ever.
pub async fn watch_database(database: DatabasePool) {
    loop {
        let lag = timeout(TIMEOUT, replica_lag(&database)).await;
        record_database(lag.ok().and_then(Result::ok));
        sleep(INTERVAL).await;
    }
}
