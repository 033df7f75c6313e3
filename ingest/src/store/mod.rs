//! All SQL that writes, one file per purpose.

mod availability;
mod compaction;
mod lookup;
mod rebuild;
mod registrations;
mod registry;
mod retention;
mod salts;
mod write;

use std::sync::Arc;

use analytics_shared::database::{ErrorClass, classify};
use chrono_tz::Tz;
use sea_orm::{DatabaseConnection, DbErr};
use thiserror::Error;
use tokio::sync::Notify;

use availability::Availability;
pub use compaction::{Compaction, CompactionPlan};
pub use lookup::Lookup;
pub use registrations::{Registration, Registrations};
pub use registry::{EventPublished, Upsert};

/// The write side of the database.
#[derive(Clone)]
pub struct Store {
    database: DatabaseConnection,
    availability: Availability,
    rebuild_requested: Arc<Notify>,
    default_timezone: Tz,
}

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database is away or overloaded: the same will succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(DbErr),
    /// Somebody else wrote the same at the same moment: the same will succeed at once.
    #[error("two writers met: {0}")]
    Contended(DbErr),
    /// The database refuses these values: the same will fail again.
    #[error("the database refuses the values: {0}")]
    RefusedValues(DbErr),
    /// A defect of ours, or of the schema.
    #[error("the statement failed: {0}")]
    Broken(DbErr),
}

impl StoreError {
    /// The same error for another caller.
    fn repeated(&self) -> Self {
        let cause = |error: &DbErr| DbErr::Custom(error.to_string());
        match self {
            Self::Unavailable(error) => Self::Unavailable(cause(error)),
            Self::Contended(error) => Self::Contended(cause(error)),
            Self::RefusedValues(error) => Self::RefusedValues(cause(error)),
            Self::Broken(error) => Self::Broken(cause(error)),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match classify(&error) {
            ErrorClass::Unavailable => Self::Unavailable(error),
            ErrorClass::Contended => Self::Contended(error),
            ErrorClass::InvalidData => Self::RefusedValues(error),
            ErrorClass::Internal => Self::Broken(error),
        }
    }
}

impl Store {
    /// A store on `database`; the days of events without a zone are counted in `default_timezone`.
    #[must_use]
    pub fn new(database: DatabaseConnection, default_timezone: Tz) -> Self {
        Self {
            database,
            availability: Availability::default(),
            rebuild_requested: Arc::default(),
            default_timezone,
        }
    }
}
