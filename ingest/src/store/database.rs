//! The handle to the database.

use std::{sync::Arc, time::Duration};

use analytics_shared::database::{DatabasePool, ping};
use chrono_tz::Tz;
use sea_orm::{DbBackend, Statement, Value};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::availability::Availability;

/// The time between two availability checks.
const PING_INTERVAL: Duration = Duration::from_secs(1);
/// The time-out of an availability check.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// The write side of the database.
#[derive(Clone)]
pub struct Store {
    pub(super) database: DatabasePool,
    pub(super) availability: Availability,
    pub(super) rebuild_requested: Arc<Notify>,
    pub(super) default_timezone: Tz,
}

impl Store {
    /// A store on `database`; the days of events without a time zone are counted in
    /// `default_timezone`.
    pub fn new(database: DatabasePool, default_timezone: Tz) -> Self {
        Self {
            database,
            availability: Availability::default(),
            rebuild_requested: Arc::default(),
            default_timezone,
        }
    }

    /// Monitors the availability of the database until `shutdown`.
    pub async fn monitor(self, shutdown: CancellationToken) {
        loop {
            let ping = timeout(PING_TIMEOUT, ping(&self.database)).await;
            self.availability.set(matches!(ping, Ok(Ok(()))));
            let pause = shutdown.run_until_cancelled(sleep(PING_INTERVAL));
            if pause.await.is_none() {
                return;
            }
        }
    }
}

/// A statement with its parameters.
pub(super) fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
