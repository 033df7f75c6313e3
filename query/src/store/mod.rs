//! All SQL that reads. Every statement names the tenant whose data it may see.

mod error;
mod facts;
mod registry;
mod rows;
mod tenancy;

use std::sync::Arc;

use sea_orm::DatabaseConnection;
use tokio::sync::Semaphore;

pub use error::StoreError;
pub use facts::{Piece, Selection, StoredFact};
pub use registry::RegisteredEvent;
pub use rows::{EventRead, TenantRead};

/// The database, for reading.
#[derive(Clone)]
pub struct Store {
    database: DatabaseConnection,
    export_slots: Arc<Semaphore>,
}

impl Store {
    /// Reads through `database`; at most `exports` exports run at once.
    #[must_use]
    pub fn new(database: DatabaseConnection, exports: usize) -> Self {
        Self {
            database,
            export_slots: Arc::new(Semaphore::new(exports)),
        }
    }
}
