//! The settings of the database connection.

use super::{connection_url::ConnectionUrl, secret::Secret};

/// The database.
#[derive(clap::Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// TimescaleDB, as `postgres://user:password@host:port/database`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_parser = ConnectionUrl::POSTGRES)]
    pub database_url: Secret,

    /// Maximum number of database connections of one process, besides that of the readiness checks.
    #[arg(long, env = "DATABASE_MAX_CONNECTIONS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(3..=1000))]
    pub database_max_connections: u32,

    /// Time-out of a single statement, in seconds.
    #[arg(long, env = "DATABASE_STATEMENT_TIMEOUT_SECONDS", default_value_t = 30)]
    pub database_statement_timeout_seconds: u32,
}

impl DatabaseConfig {
    /// The configuration of a single connection to the same database.
    #[must_use]
    pub fn single_connection(&self) -> Self {
        Self {
            database_max_connections: 1,
            ..self.clone()
        }
    }
}
