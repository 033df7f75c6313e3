//! The connection pool for reading, and the limits on its use.

use std::{sync::Arc, time::Duration};

use analytics_shared::database::DatabasePool;
use chrono_tz::Tz;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    error::StoreError,
    read_memory::{ReadMemory, ReadMemoryUse},
    time_zones::TimeZoneCache,
};
use crate::analytics::TimeZoneRules;

/// The wait for an export permit.
const EXPORT_PERMIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The database, for reading.
#[derive(Clone)]
pub struct Store {
    pub(super) database: DatabasePool,
    /// Time zone of events that name none.
    pub default_zone: Tz,
    time_zones: TimeZoneCache,
    /// Connections that exports may hold.
    export_permits: Arc<Semaphore>,
    memory: ReadMemory,
}

impl Store {
    /// Reads through `database`, with up to `max_exports` concurrent exports, and up to `max_read_bytes` of rows
    /// in the memory of one read.
    pub fn new(
        database: DatabasePool,
        default_zone: Tz,
        max_exports: usize,
        max_read_bytes: usize,
    ) -> Self {
        Self {
            database,
            default_zone,
            time_zones: TimeZoneCache::default(),
            export_permits: Arc::new(Semaphore::new(max_exports)),
            memory: ReadMemory::new(max_read_bytes),
        }
    }

    /// Begins a read, which keeps rows in memory.
    pub fn begin_read(&self) -> ReadMemoryUse {
        self.memory.begin()
    }

    pub async fn time_zone_rules(&self, zone: Tz) -> Result<TimeZoneRules, StoreError> {
        self.time_zones.get(&self.database, zone).await
    }

    /// Waits for a permit to export.
    pub(super) async fn acquire_export_permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = Arc::clone(&self.export_permits).acquire_owned();
        let permit = tokio::time::timeout(EXPORT_PERMIT_TIMEOUT, permit).await;
        let permit = permit.ok().and_then(Result::ok);
        permit.ok_or(StoreError::TooManyExports)
    }
}
