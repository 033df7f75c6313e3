//! All SQL that reads. Every statement names the tenant whose data it may see.

mod changes;
mod clocks;
mod days;
mod error;
mod event_folds;
mod facts;
mod folds;
mod hours;
mod moments;
mod registrations;
mod registry;
mod rows;
mod snapshot;
mod stream;
mod tenancy;
mod tenant_rows;
mod tenant_versions;
mod versions;

use std::{sync::Arc, time::Duration};

use sea_orm::DatabaseConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use clocks::Clocks;
use days::Days;
use folds::Folds;

pub use changes::SeenEvent;
pub use error::StoreError;
pub use event_folds::{Folded, FoldsRead};
pub use facts::{Selection, StoredFact};
pub use registrations::Registration;
pub use registry::RegisteredEvent;
pub use rows::EventRead;
pub use snapshot::Snapshot;
pub use stream::Piece;
pub use tenant_rows::TenantRead;
pub use tenant_versions::TenantVersions;
pub use versions::{State, Versions};

/// The database, for reading.
#[derive(Clone)]
pub struct Store {
    database: DatabaseConnection,
    export_slots: Arc<Semaphore>,
    days: Days,
    folds: Folds,
    clocks: Clocks,
    look_slots: Arc<Semaphore>,
}

impl Store {
    /// Reads through `database`; at most `exports` exports run at once, and at most `bytes` of what
    /// was read are remembered.
    #[must_use]
    pub fn new(database: DatabaseConnection, exports: usize, bytes: u64) -> Self {
        Self {
            database,
            export_slots: Arc::new(Semaphore::new(exports)),
            days: Days::new(bytes / 2),
            folds: Folds::new(bytes / 2),
            clocks: Clocks::new(),
            look_slots: Arc::new(Semaphore::new(moments::LOOKS)),
        }
    }
}

/// One of some slots, unless all are taken for longer than one waits.
async fn turn(slots: &Arc<Semaphore>, patience: Duration) -> Option<OwnedSemaphorePermit> {
    let slot = Arc::clone(slots).acquire_owned();
    tokio::time::timeout(patience, slot).await.ok()?.ok()
}
