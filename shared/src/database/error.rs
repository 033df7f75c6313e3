//! The classification of database errors.

use std::borrow::Cow;

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError},
};

use crate::telemetry::traces::ErrorType;

/// The class of a failed statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The database is unavailable, overloaded or was interrupted: a later retry may succeed.
    Unavailable,
    /// A conflict with a concurrent transaction: an immediate retry succeeds.
    Contended,
    /// The values are invalid: a retry fails again.
    InvalidData,
    /// Anything else: a defect of the program or of the schema.
    Internal,
}

/// Classifies an error by its SQLSTATE (PostgreSQL manual, appendix A).
#[must_use]
pub fn classify(error: &DbErr) -> ErrorClass {
    let Some(cause) = driver_error(error) else {
        return match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => ErrorClass::Unavailable,
            _ => ErrorClass::Internal,
        };
    };
    match cause.as_database_error().and_then(DatabaseError::code) {
        Some(code) => by_sqlstate(&code),
        None => ErrorClass::Unavailable,
    }
}

impl ErrorType for DbErr {
    fn sqlstate(&self) -> Option<Cow<'_, str>> {
        driver_error(self)?
            .as_database_error()
            .and_then(DatabaseError::code)
    }
}

/// The error of the driver, if a statement or a connection has failed.
fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(&**cause),
        _ => None,
    }
}

fn by_sqlstate(code: &str) -> ErrorClass {
    match (code, code.get(..2)) {
        // Unique violation, deadlock, serialization failure.
        ("23505", _) | (_, Some("40")) => ErrorClass::Contended,
        // Read-only transaction: the server is a standby, as a primary becomes by a failover. Connection
        // exception, invalid authorization, insufficient resources, lock not available, operator
        // intervention (restart, time-out), system error.
        ("25006", _) | (_, Some("08" | "28" | "53" | "55" | "57" | "58")) => {
            ErrorClass::Unavailable
        }
        // Data exception, integrity constraint violation.
        (_, Some("22" | "23")) => ErrorClass::InvalidData,
        _ => ErrorClass::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        ErrorClass::{Contended, Internal, InvalidData, Unavailable},
        *,
    };

    #[test]
    fn the_sqlstate_determines_whether_to_retry() {
        let classes = [
            "23505", "40P01", "25006", "57P01", "53300", "22P02", "23514", "25001", "42P01",
        ]
        .map(by_sqlstate);
        let expected = [
            Contended,
            Contended,
            Unavailable,
            Unavailable,
            Unavailable,
            InvalidData,
            InvalidData,
            Internal,
            Internal,
        ];
        assert_eq!(classes, expected);
    }
}
