//! The connection pools of a tier, and the statements that several programs share.

pub mod advisory_lock;
pub mod edition;
mod error;
pub mod event_days;
mod login;
mod monitor;
mod pool;
mod retention;
pub mod write_keys;

pub use error::{ErrorClass, classify};
pub use login::check_login;
pub use monitor::{
    database_monitor::DatabaseMonitor,
    schema_version::{MIGRATIONS, SchemaVersion},
    state::{DatabaseState, check},
};
pub use pool::{
    database_pool::DatabasePool, metrics::observe_pool, session::SessionSettings,
    session_check::SessionDefect,
};
pub use retention::{Deleted, delete_expired};

use std::time::Duration;

use sea_orm::{ConnectOptions, DbErr};

use self::pool::bounds;
use crate::config::{DatabaseConfig, verified_database_url};

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
pub async fn connect(config: &DatabaseConfig, role: TierRole) -> Result<DatabasePool, DbErr> {
    let url = verified_database_url(&config.database_url, config.database_ca_file.as_ref());
    let url = url.map_err(|error| DbErr::Custom(error.to_string()))?;
    let mut options = ConnectOptions::new(url.expose());
    let statement_seconds = config.database_statement_timeout_seconds;
    options
        .max_connections(config.database_max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy(true)
        .test_before_acquire_if_idle_for(bounds::IDLE_BEFORE_TEST)
        .map_sqlx_postgres_pool_opts(move |options| {
            bounds::bound_release(options, statement_seconds)
        })
        .set_application_name(role.name());
    let settings = SessionSettings::of_tier(role, statement_seconds);
    DatabasePool::open(options, settings, config.database_pooler).await
}
