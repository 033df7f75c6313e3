//! The connection pool of a tier, and the classification of database errors.

use std::time::Duration;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, RuntimeErr};

use crate::config::DatabaseConfig;

/// The group roles created by the migration, one per tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierRole {
    /// Writes facts and the rollup.
    Ingest,
    /// Reads only.
    Query,
}

impl TierRole {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "analytics_ingest",
            Self::Query => "analytics_query",
        }
    }
}

/// Opens a pool whose connections have the privileges of `role`, whatever the login of the URL has.
///
/// Connections are opened on demand, so that a service starts while its database is unavailable.
///
/// # Errors
/// When the URL is invalid.
pub async fn connect(config: &DatabaseConfig, role: TierRole) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(config.database_url.expose());
    let statement_timeout = format!("{}s", config.database_statement_timeout_seconds);
    options
        .max_connections(config.database_max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy(true)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |options| {
            let (read_only, plans, scans) = match role {
                // A generic plan ignores how many rows the parameters select.
                TierRole::Query => ("on", "force_custom_plan", "on"),
                // Planning a batch takes as long as writing a small one. A generic plan made while the
                // tables are small would scan them, although every look-up has an index.
                TierRole::Ingest => ("off", "force_generic_plan", "off"),
            };
            options.application_name(role.name()).options([
                ("role", role.name()),
                ("search_path", "analytics_service,public"),
                ("statement_timeout", &statement_timeout),
                ("default_transaction_read_only", read_only),
                ("timezone", "UTC"),
                // Compiling a plan takes longer than running any statement of the tiers.
                ("jit", "off"),
                ("plan_cache_mode", plans),
                ("enable_seqscan", scans),
            ])
        });
    Database::connect(options).await
}

/// Checks the connection and the schema.
///
/// # Errors
/// When there is no connection, or the migration has not run.
pub async fn ping(database: &DatabaseConnection) -> Result<(), DbErr> {
    database
        .execute_unprepared("SELECT FROM analytics_service.tracked_events LIMIT 0")
        .await
        .map(|_| ())
}

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
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
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

fn by_sqlstate(code: &str) -> ErrorClass {
    match (code, code.get(..2)) {
        // Unique violation, deadlock, serialization failure.
        ("23505", _) | (_, Some("40")) => ErrorClass::Contended,
        // Connection exception, invalid authorization, insufficient resources, lock not available,
        // operator intervention (restart, time-out), system error.
        (_, Some("08" | "28" | "53" | "55" | "57" | "58")) => ErrorClass::Unavailable,
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
            "23505", "40P01", "57P01", "53300", "22P02", "23514", "42P01",
        ]
        .map(by_sqlstate);
        let expected = [
            Contended,
            Contended,
            Unavailable,
            Unavailable,
            InvalidData,
            InvalidData,
            Internal,
        ];
        assert_eq!(classes, expected);
    }
}
