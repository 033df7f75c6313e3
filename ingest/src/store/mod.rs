//! All SQL that writes, one file per purpose.

mod merge;
mod registrations;
mod registry;
mod retention;
mod salts;
mod visitors;
mod write;

use std::{future::Future, time::Duration};

use analytics_shared::database::{Failure, failure};
use chrono_tz::Tz;
use sea_orm::{DatabaseConnection, DbErr};
use thiserror::Error;

pub use merge::PARTS_AT_ONCE;
pub use registrations::{Registration, Registrations};
pub use registry::{Publication, Registered};
use visitors::Ordinals;

/// The write side of the database.
#[derive(Clone)]
pub struct Store {
    database: DatabaseConnection,
    ordinals: Ordinals,
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

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match failure(&error) {
            Failure::Unavailable => Self::Unavailable(error),
            Failure::Contended => Self::Contended(error),
            Failure::RefusedValues => Self::RefusedValues(error),
            Failure::Broken => Self::Broken(error),
        }
    }
}

/// The longest that we wait for an answer: a server that vanished without a word would keep us for
/// ever. It is longer than the database's own time-out for statements should be.
const PATIENCE: Duration = Duration::from_secs(40);

/// The result of `reading`, or [`StoreError::Unavailable`] if it takes longer than [`PATIENCE`].
async fn within<T>(reading: impl Future<Output = Result<T, DbErr>>) -> Result<T, StoreError> {
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(silent()),
    }
}

fn silent() -> StoreError {
    StoreError::Unavailable(DbErr::Custom("no answer".to_owned()))
}

impl Store {
    /// A store on `database`; the days of events without a zone are counted in `default_timezone`.
    #[must_use]
    pub fn new(database: DatabaseConnection, default_timezone: Tz) -> Self {
        Self {
            database,
            ordinals: Ordinals::default(),
            default_timezone,
        }
    }
}
