//! Errors of reading.

use std::{borrow::Cow, sync::Arc};

use analytics_shared::{parse::time_zone::InvalidTimeZone, telemetry::traces::ErrorType};
use chrono_tz::Tz;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError},
};
use thiserror::Error;

/// SQLSTATE `invalid_parameter_value`: only an unknown time zone causes it in these statements.
const INVALID_PARAMETER_VALUE: &str = "22023";

/// An error of reading.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("reading failed: {0}")]
    Database(#[from] DbErr),
    /// The time zone is in the tz database of this program and not in that of PostgreSQL.
    #[error("the database does not know the time zone {0}")]
    ZoneUnknownToDatabase(Tz),
    /// No export permit became free in time.
    #[error("too many exports are running")]
    TooManyExports,
    /// Other large reads did not end in time.
    #[error("too many large reads are running")]
    TooManyLargeReads,
    /// The rows of a read take more memory than it may have.
    #[error("the rows of the period take more than {max_mib} MiB, the limit of a read")]
    ReadTooLarge { max_mib: usize },
    #[error("invalid time zone in the event registry: {0}")]
    InvalidRegistryTimeZone(#[from] InvalidTimeZone),
    /// There is no connection that can write share links.
    #[error("share links can be read only")]
    LinksReadOnly,
    /// A row that the service does not write.
    #[error("unexpected row: {0}")]
    UnexpectedRow(&'static str),
}

impl StoreError {
    /// Converts the error of a statement with `zone` among its values.
    pub(super) fn with_zone(error: DbErr, zone: Tz) -> Self {
        let (DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))) = &error
        else {
            return Self::Database(error);
        };
        match cause.as_database_error().and_then(DatabaseError::code) {
            Some(code) if code == INVALID_PARAMETER_VALUE => Self::ZoneUnknownToDatabase(zone),
            _ => Self::Database(error),
        }
    }
}

impl ErrorType for StoreError {
    fn sqlstate(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Database(error) => error.sqlstate(),
            Self::ZoneUnknownToDatabase(_) => Some(INVALID_PARAMETER_VALUE.into()),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(sqlx_error(error))
    }
}

/// Wraps an error of the driver as SeaORM does.
pub(super) fn sqlx_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
