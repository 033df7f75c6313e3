//! The handle to the database.

use std::sync::Arc;

use analytics_shared::database::{DatabaseMonitor, DatabasePool};
use chrono_tz::Tz;
use sea_orm::{DbBackend, Statement, Value};
use tokio::sync::Notify;

use super::availability::Availability;

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

    /// Follows the state that `monitor` finds.
    pub fn follow(&self, mut monitor: DatabaseMonitor) {
        let availability = self.availability.clone();
        availability.set(monitor.state().is_usable());
        tokio::spawn(async move {
            while let Some(state) = monitor.changed().await {
                availability.set(state.is_usable());
            }
        });
    }
}

/// A statement with its parameters.
pub(super) fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
