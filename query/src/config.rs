//! The configuration of `serve`. Every setting is a flag and an environment variable.

use analytics_shared::config::{
    AuthConfig, CalendarConfig, DatabaseConfig, LogConfig, ReadRolesConfig, ServerConfig,
};

/// Settings of `serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeConfig {
    /// Database.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// Tokens.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// Roles.
    #[command(flatten)]
    pub roles: ReadRolesConfig,
    /// HTTP server.
    #[command(flatten)]
    pub server: ServerConfig,
    /// Calendar.
    #[command(flatten)]
    pub calendar: CalendarConfig,
    /// Concurrent exports at most. Each holds a database connection; one connection is always left for
    /// other reads.
    #[arg(long, env = "EXPORT_MAX_CONCURRENT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub export_max_concurrent: u32,
    /// Concurrent exports per organization at most, from the request to the last byte. Further exports are
    /// rejected with 429.
    #[arg(long, env = "EXPORT_MAX_PER_TENANT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub export_max_per_tenant: u32,
    /// Memory of the caches at most, in MiB: a quarter for responses, the rest for days and summaries of
    /// events.
    #[arg(long, env = "CACHE_MIB", default_value_t = 128)]
    pub cache_mib: u16,
    /// Logging.
    #[command(flatten)]
    pub log: LogConfig,
}

impl ServeConfig {
    /// Returns the number of concurrent exports, limited by the number of connections.
    pub(crate) fn max_exports(&self) -> usize {
        let connections = self.database.database_max_connections.saturating_sub(1);
        self.export_max_concurrent.min(connections).max(1) as usize
    }

    /// Returns the memory of the caches in bytes.
    pub(crate) fn cache_bytes(&self) -> u64 {
        u64::from(self.cache_mib) << 20
    }
}
