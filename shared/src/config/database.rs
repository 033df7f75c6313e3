//! The settings of the database connection.

use std::sync::Once;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use thiserror::Error;
use url::Url;

use super::{
    ca_file::CaFile, connection_url::ConnectionUrl, local_host::is_local_host, secret::Secret,
};

/// The database.
#[derive(clap::Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// TimescaleDB, as `postgres://user:password@host:port/database`. With `?sslmode=verify-full`, the
    /// connection is TLS with a certificate that is verified.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_parser = ConnectionUrl::POSTGRES)]
    pub database_url: Secret,

    /// PEM file with certificates of certification authorities that may sign the certificate of the
    /// database, beside those of the system. Requires `sslmode=verify-full` or `verify-ca`.
    #[arg(long, env = "DATABASE_CA_FILE", value_parser = |path: &str| CaFile::read(path))]
    pub database_ca_file: Option<CaFile>,

    /// Maximum number of database connections of one process, besides that of the readiness checks.
    #[arg(long, env = "DATABASE_MAX_CONNECTIONS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(3..=1000))]
    pub database_max_connections: u32,

    /// Time-out of a single statement, in seconds.
    #[arg(long, env = "DATABASE_STATEMENT_TIMEOUT_SECONDS", default_value_t = 30)]
    pub database_statement_timeout_seconds: u32,

    /// The connection pooler between the service and the database.
    #[arg(long, env = "DATABASE_POOLER", value_enum, default_value_t)]
    pub database_pooler: Pooler,
}

/// A connection pooler. One in transaction mode assigns a server connection to each transaction, so that neither
/// start-up parameters nor settings of a session reach all statements: they are set in each transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Pooler {
    /// No pooler, or one that passes the start-up parameter `options` on, in session mode.
    #[default]
    None,
    /// `PgBouncer` in transaction mode, with `max_prepared_statements` greater than 0.
    Transaction,
    /// A pooler in transaction mode that does not support prepared statements.
    TransactionUnprepared,
}

impl DatabaseConfig {
    /// The configuration of a few connections with another login, for statements that are rare and short.
    #[must_use]
    pub fn with_login(&self, url: &Secret) -> Self {
        Self {
            database_url: url.clone(),
            database_max_connections: 4,
            ..self.clone()
        }
    }

    /// The configuration of a single connection to the same database.
    #[must_use]
    pub fn single_connection(&self) -> Self {
        Self {
            database_max_connections: 1,
            ..self.clone()
        }
    }
}

/// The reason why the settings of the database cannot be used together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DatabaseUrlError {
    /// The client library cannot parse the URL.
    #[error("DATABASE_URL is not a PostgreSQL URL")]
    Url,
    /// The certificate would not be verified.
    #[error("DATABASE_CA_FILE requires `sslmode=verify-full` (or `verify-ca`) in DATABASE_URL")]
    NotVerified,
}

/// The warning about a connection without verification. A service has several pools.
static UNVERIFIED: Once = Once::new();

/// Returns the URL of the database with its trusted certification authorities, and warns once about a
/// connection that leaves the machine without verification.
///
/// # Errors
/// When there are authorities that would not be used.
pub fn verified_database_url(
    url: &Secret,
    ca_file: Option<&CaFile>,
) -> Result<Secret, DatabaseUrlError> {
    let options: Result<PgConnectOptions, _> = url.expose().parse();
    let options = options.map_err(|_| DatabaseUrlError::Url)?;
    let is_verified = matches!(
        options.get_ssl_mode(),
        PgSslMode::VerifyFull | PgSslMode::VerifyCa
    );
    let is_local = options.get_socket().is_some() || is_local_host(options.get_host());
    if !is_verified && !is_local {
        UNVERIFIED.call_once(|| {
            tracing::warn!(
                "the connection to the database leaves this machine, and its certificate is not verified: \
                 set `sslmode=verify-full` in DATABASE_URL"
            );
        });
    }
    let Some(ca_file) = ca_file else {
        return Ok(url.clone());
    };
    if !is_verified {
        return Err(DatabaseUrlError::NotVerified);
    }
    let mut url = Url::parse(url.expose()).map_err(|_| DatabaseUrlError::Url)?;
    url.query_pairs_mut()
        .append_pair("sslrootcert", &ca_file.path().to_string_lossy());
    Ok(Secret::new(url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_require_verification() {
        let file = std::env::temp_dir().join("authorities of the tests.pem");
        let ca_file = CaFile::of_path(&file);
        let url = |mode: &str| Secret::new(&format!("postgres://u:p%2F@db.example/d{mode}"));
        for mode in ["", "?sslmode=prefer", "?sslmode=require"] {
            let refused = verified_database_url(&url(mode), Some(&ca_file));
            assert_eq!(refused, Err(DatabaseUrlError::NotVerified), "{mode}");
            let unchanged = verified_database_url(&url(mode), None);
            assert_eq!(unchanged, Ok(url(mode)));
        }
        for mode in ["?sslmode=verify-ca", "?sslmode=verify-full"] {
            let verified = verified_database_url(&url(mode), Some(&ca_file)).unwrap();
            let options: PgConnectOptions = verified.expose().parse().unwrap();
            assert!(format!("{options:?}").contains("authorities of the tests.pem"));
            assert_eq!(options.get_username(), "u");
        }
    }
}
