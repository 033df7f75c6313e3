//! Snapshots of the database: all statements of a response read the same state, so that its metrics
//! agree.

use chrono_tz::Tz;
use sea_orm::DatabaseTransaction;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::{database::Store, error::StoreError, read_memory::ReadMemoryUse};

/// A read-only transaction with a snapshot of the rows of one tenant: row-level security hides all others. A
/// future that holds one must not be dropped before it ends: the connection would return to the pool with an open
/// transaction.
pub struct Snapshot {
    transaction: DatabaseTransaction,
    pub(super) default_zone: Tz,
    /// The memory of all rows that are read from this snapshot.
    memory: Mutex<ReadMemoryUse>,
}

impl Store {
    /// Begins a snapshot of the rows of a tenant.
    pub async fn snapshot(&self, tenant_id: Uuid) -> Result<Snapshot, StoreError> {
        // One round trip, as for the isolation level alone.
        let settings = format!(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; {}",
            tenant_setting(tenant_id)
        );
        Ok(Snapshot {
            transaction: self.database.begin_with(&settings).await?,
            default_zone: self.default_zone,
            memory: Mutex::new(self.begin_read()),
        })
    }
}

/// Returns the statement that sets the tenant whose rows the transaction reads. It has no parameter, because the
/// protocol has none for several statements in one round trip; an id needs no escaping.
pub(super) fn tenant_setting(tenant_id: Uuid) -> String {
    format!("SET LOCAL analytics_service.tenant_id = '{tenant_id}'")
}

impl Snapshot {
    /// Ends the transaction and returns its connection to the pool.
    pub async fn end(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Returns the memory use of the read.
    pub async fn memory(&self) -> MutexGuard<'_, ReadMemoryUse> {
        self.memory.lock().await
    }
}
