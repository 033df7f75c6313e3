//! A pool of connections that have only the rights of their tier.

use std::time::Duration;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, RuntimeErr};

use crate::config::DatabaseConfig;

/// The group roles that the migration makes, one for each tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierRole {
    /// Writes facts and rollups; changes no table.
    Ingest,
    /// Reads, and nothing else.
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

/// Opens a pool whose connections act as `role`, whatever the login of the URL may do.
///
/// No connection is made yet: a service starts while its database is away, and says so in its
/// readiness.
///
/// # Errors
/// When the URL is none.
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
                // A plan that does not know how much is asked for is slow to read.
                TierRole::Query => ("on", "force_custom_plan", "on"),
                // Planning a batch anew each time takes as long as writing a small one. What is kept
                // was planned when tables were small, and read whole: all that we look up has a key.
                TierRole::Ingest => ("off", "force_generic_plan", "off"),
            };
            options.application_name(role.name()).options([
                ("role", role.name()),
                ("search_path", "analytics_service,public"),
                ("statement_timeout", &statement_timeout),
                ("default_transaction_read_only", read_only),
                ("timezone", "UTC"),
                // Compiling a plan takes longer than running any of ours.
                ("jit", "off"),
                ("plan_cache_mode", plans),
                ("enable_seqscan", scans),
            ])
        });
    Database::connect(options).await
}

/// Whether the database answers and has our schema.
///
/// # Errors
/// When it does not answer, or the migration has not run.
pub async fn ping(database: &DatabaseConnection) -> Result<(), DbErr> {
    database
        .execute_unprepared("SELECT FROM analytics_service.tracked_events LIMIT 0")
        .await
        .map(|_| ())
}

/// What a failed statement means for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The database is away, overloaded or was interrupted: the same may succeed later.
    Unavailable,
    /// Two statements met: the same will succeed at once.
    Contended,
    /// The database refuses these very values: the same will fail again.
    InvalidData,
    /// Anything else: a defect of ours, or of the schema.
    Internal,
}

/// Sorts an error by its SQLSTATE class (PostgreSQL manual, appendix A).
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
    fn the_sqlstate_says_whether_to_try_again() {
        let sorted = [
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
        assert_eq!(sorted, expected);
    }
}
