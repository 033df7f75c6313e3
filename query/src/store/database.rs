//! The connection pool for reading, and the limits on its use.

use std::{sync::Arc, time::Duration};

use chrono_tz::Tz;
use sea_orm::{DatabaseConnection, StreamTrait};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{error::StoreError, time_zones::TimeZoneCache};
use crate::analytics::TimeZoneRules;

/// Concurrent scans of raw facts: each may take seconds of the database, and memory for every
/// registration of a large event.
const MAX_CONCURRENT_SCANS: usize = 2;
/// The wait for a scan permit.
const SCAN_PERMIT_TIMEOUT: Duration = Duration::from_secs(20);
/// The wait for an export permit.
const EXPORT_PERMIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The database, for reading.
#[derive(Clone)]
pub struct Store {
    pub(super) database: DatabaseConnection,
    /// Time zone of events that name none.
    pub default_zone: Tz,
    time_zones: TimeZoneCache,
    export_permits: Arc<Semaphore>,
    scan_permits: Arc<Semaphore>,
}

impl Store {
    /// Reads through `database`, with up to `max_exports` concurrent exports.
    pub fn new(database: DatabaseConnection, default_zone: Tz, max_exports: usize) -> Self {
        Self {
            database,
            default_zone,
            time_zones: TimeZoneCache::default(),
            export_permits: Arc::new(Semaphore::new(max_exports)),
            scan_permits: Arc::new(Semaphore::new(MAX_CONCURRENT_SCANS)),
        }
    }

    pub fn connection(&self) -> &impl StreamTrait {
        &self.database
    }

    pub async fn time_zone_rules(&self, zone: Tz) -> Result<TimeZoneRules, StoreError> {
        self.time_zones.get(&self.database, zone).await
    }

    /// Waits for a permit to scan raw facts, held until it is dropped. Acquire it before a snapshot, so that no
    /// connection is held while waiting.
    ///
    /// # Errors
    /// Fails if no permit becomes free in time.
    pub async fn acquire_scan_permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = acquire_with_timeout(&self.scan_permits, SCAN_PERMIT_TIMEOUT).await;
        permit.ok_or(StoreError::TooManyScans)
    }

    /// Waits for a permit to export.
    pub(super) async fn acquire_export_permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = acquire_with_timeout(&self.export_permits, EXPORT_PERMIT_TIMEOUT).await;
        permit.ok_or(StoreError::TooManyExports)
    }
}

async fn acquire_with_timeout(
    permits: &Arc<Semaphore>,
    timeout: Duration,
) -> Option<OwnedSemaphorePermit> {
    let permit = Arc::clone(permits).acquire_owned();
    tokio::time::timeout(timeout, permit).await.ok()?.ok()
}
