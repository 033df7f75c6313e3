//! The availability of the database, checked in the background so that no operation waits for a
//! database that does not respond.

use std::{future::Future, time::Duration};

use sea_orm::DbErr;
use tokio::sync::watch;

use super::error::StoreError;
use crate::metrics;

/// The time-out of an operation: longer than the database's own `statement_timeout` should be.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(40);

/// The availability of the database; assumed until a monitor is followed.
#[derive(Clone)]
pub struct Availability {
    is_available: watch::Sender<bool>,
}

impl Default for Availability {
    fn default() -> Self {
        Self {
            is_available: watch::Sender::new(true),
        }
    }
}

impl Availability {
    /// Returns the result of `operation`, or [`StoreError::Unavailable`] as soon as the database is
    /// unavailable or the operation exceeds [`OPERATION_TIMEOUT`].
    pub async fn guard<T>(
        &self,
        operation: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, StoreError> {
        let mut is_available = self.is_available.subscribe();
        let result = tokio::select! {
            biased;
            _ = is_available.wait_for(|is_available| !is_available) => None,
            result = tokio::time::timeout(OPERATION_TIMEOUT, operation) => result.ok(),
        };
        Ok(result.ok_or_else(|| StoreError::unavailable("no response"))??)
    }

    /// Records the result of a check.
    pub fn set(&self, is_available: bool) {
        metrics::database_up(is_available);
        self.is_available.send_replace(is_available);
    }
}
