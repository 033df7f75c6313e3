//! Snapshots of the database: all statements of a response read the same state, so that its metrics
//! agree.

use chrono_tz::Tz;
use sea_orm::{AccessMode, DatabaseTransaction, IsolationLevel, TransactionTrait};
use tokio::sync::{Mutex, MutexGuard};

use super::{database::Store, error::StoreError, read_memory::ReadMemoryUse};

/// A read-only transaction with a snapshot. A future that holds one must not be dropped before it
/// ends: the connection would return to the pool with an open transaction.
pub struct Snapshot {
    transaction: DatabaseTransaction,
    pub(super) default_zone: Tz,
    /// The memory of all rows that are read from this snapshot.
    memory: Mutex<ReadMemoryUse>,
}

impl Store {
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
        let transaction = self
            .database
            .begin_with_config(Some(isolation), Some(access));
        Ok(Snapshot {
            transaction: transaction.await?,
            default_zone: self.default_zone,
            memory: Mutex::new(self.begin_read()),
        })
    }
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
