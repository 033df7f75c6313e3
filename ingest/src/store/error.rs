//! Errors of the database, by what the caller can do about them.

use analytics_shared::database::{ErrorClass, classify};
use sea_orm::DbErr;
use thiserror::Error;

/// The error of a statement; unless stated otherwise, nothing was written.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// The database is unavailable or overloaded: a later attempt can succeed.
    #[error("the database is unavailable: {0}")]
    Unavailable(DbErr),
    /// A conflict with a concurrent transaction: an immediate attempt can succeed.
    #[error("conflict with a concurrent transaction: {0}")]
    Contended(DbErr),
    /// The database rejects the values: every further attempt fails.
    #[error("the database rejects the values: {0}")]
    InvalidData(DbErr),
    /// A defect of the program or the schema.
    #[error("the statement failed: {0}")]
    Internal(DbErr),
}

impl StoreError {
    /// Returns whether a later attempt can succeed.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended(_))
    }

    /// The error of an operation that the database did not answer.
    pub fn unavailable(reason: &str) -> Self {
        Self::Unavailable(DbErr::Custom(reason.to_owned()))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match classify(&error) {
            ErrorClass::Unavailable => Self::Unavailable(error),
            ErrorClass::Contended => Self::Contended(error),
            ErrorClass::InvalidData => Self::InvalidData(error),
            ErrorClass::Internal => Self::Internal(error),
        }
    }
}
