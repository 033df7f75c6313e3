//! The connection pools of a tier, and the statements that several programs share.

pub mod advisory_lock;
pub mod edition;
mod error;
pub mod event_days;
mod login;
mod monitor;
mod pool;
mod pool_metrics;
mod replica_lag;
mod retention;
mod schema_version;
mod state;
pub mod write_keys;

pub use error::{ErrorClass, classify};
pub use login::check_login;
pub use monitor::DatabaseMonitor;
pub use pool_metrics::observe_pool;
pub use replica_lag::replica_lag;
pub use retention::{Deleted, delete_expired};
pub use schema_version::{MIGRATIONS, SchemaVersion};
pub use state::{DatabaseState, check};

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use crate::{
    config::{DatabaseConfig, verified_database_url},
    telemetry::traces::set_database,
};

/// The group roles created by the migration for the tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierRole {
    /// Writes facts and the rollup.
    Ingest,
    /// Reads only.
    Query,
    /// Reads and writes share links only, beside [`Query`](Self::Query).
    Sharing,
}

impl TierRole {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "analytics_ingest",
            Self::Query => "analytics_query",
            Self::Sharing => "analytics_sharing",
        }
    }

    /// The setting with its connection URL.
    #[must_use]
    pub fn url_variable(self) -> &'static str {
        match self {
            Self::Ingest | Self::Query => "DATABASE_URL",
            Self::Sharing => "SHARE_DATABASE_URL",
        }
    }
}

/// Opens a pool whose connections have the privileges of `role`, whatever the login of the URL has.
///
/// Connections are opened on demand, so that a service starts while its database is unavailable.
///
/// # Errors
/// When the URL is invalid, or the settings of TLS contradict each other.
pub async fn connect(config: &DatabaseConfig, role: TierRole) -> Result<DatabaseConnection, DbErr> {
    let url = verified_database_url(&config.database_url, config.database_ca_file.as_ref());
    let url = url.map_err(|error| DbErr::Custom(error.to_string()))?;
    let mut options = ConnectOptions::new(url.expose());
    let statement_seconds = config.database_statement_timeout_seconds;
    let statement_timeout = format!("{statement_seconds}s");
    options
        .max_connections(config.database_max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy(true)
        .sqlx_logging(false)
        .test_before_acquire_if_idle_for(pool::IDLE_BEFORE_TEST)
        .map_sqlx_postgres_pool_opts(move |options| pool::bound_release(options, statement_seconds))
        .map_sqlx_postgres_opts(move |options| {
            let (read_only, plans, scans) = match role {
                // A generic plan ignores how many rows the parameters select.
                TierRole::Query => ("on", "force_custom_plan", "on"),
                // Planning a batch takes as long as writing a small one. A generic plan made while the
                // tables are small would scan them, although every look-up has an index.
                TierRole::Ingest => ("off", "force_generic_plan", "off"),
                TierRole::Sharing => ("off", "auto", "on"),
            };
            if let Some(name) = options.get_database() {
                set_database(name);
            }
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
