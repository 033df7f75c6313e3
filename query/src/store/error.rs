//! Why a read failed.

use std::sync::Arc;

use analytics_shared::period::InvalidTimeZone;
use chrono_tz::Tz;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError},
};
use thiserror::Error;

/// `invalid_parameter_value`: of our statements only a zone can cause it.
const UNKNOWN_ZONE: &str = "22023";

/// Why a read failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The statement did not succeed.
    #[error("reading failed: {0}")]
    Database(#[from] DbErr),
    /// The database has another edition of the time zone database than we have.
    #[error("the database does not know the time zone {0}")]
    ZoneUnknownToDatabase(Tz),
    /// All slots for exports are taken.
    #[error("too many exports are running")]
    TooManyExports,
    /// As many answers as may be are being made from single facts.
    #[error("too many answers are being made from single facts")]
    TooManyLooks,
    /// The registry names a zone that we do not take.
    #[error("in the registry of events: {0}")]
    RegisteredZone(#[from] InvalidTimeZone),
    /// A row that no tier of ours writes.
    #[error("unexpected row: {0}")]
    UnexpectedRow(&'static str),
}

impl StoreError {
    /// The error of a statement that was given `zone`.
    pub(super) fn with_zone(error: DbErr, zone: Tz) -> Self {
        let (DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))) = &error
        else {
            return Self::Database(error);
        };
        match cause.as_database_error().and_then(DatabaseError::code) {
            Some(code) if code == UNKNOWN_ZONE => Self::ZoneUnknownToDatabase(zone),
            _ => Self::Database(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(sqlx_error(error))
    }
}

/// What SeaORM would have made of it.
pub(super) fn sqlx_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
