//! The configuration of `serve`. Every setting is a flag and an environment variable.

use std::time::Duration;

use analytics_shared::config::{
    AuthConfig, CalendarConfig, ConnectionUrl, DatabaseConfig, LogConfig, Origins, ReadRolesConfig,
    Secret, ServerConfig, SessionConfig, TraceConfig,
};

/// Settings of `serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeConfig {
    /// Database.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// The same database with a login that has the role `analytics_sharing`, which writes share links only. Without
    /// it, as beside a read-only replica, share links can be opened, but not created or revoked, and their last use is
    /// not recorded.
    #[arg(long, env = "SHARE_DATABASE_URL", hide_env_values = true, value_parser = ConnectionUrl::POSTGRES)]
    pub share_database_url: Option<Secret>,
    /// Tokens.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// Sessions of browsers.
    #[command(flatten)]
    pub session: SessionConfig,
    /// Roles.
    #[command(flatten)]
    pub roles: ReadRolesConfig,
    /// HTTP server.
    #[command(flatten)]
    pub server: ServerConfig,
    /// Origins of pages that read the API with a token (CORS), separated by commas, for example
    /// `https://admin.example.org`. The own page at `/app` needs none. Default: none.
    #[arg(
        long,
        env = "CORS_ALLOWED_ORIGINS",
        default_value = "",
        hide_default_value = true
    )]
    pub cors_allowed_origins: Origins,
    /// Origins of pages that may contain the page of a shared event in a frame, separated by commas, for example
    /// `https://tickets.example.org`. Default: none.
    #[arg(
        long,
        env = "FRAME_ANCESTORS",
        default_value = "",
        hide_default_value = true
    )]
    pub frame_ancestors: Origins,
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
    /// Temporary disk of XLSX exports per process at most, in MiB; further workbooks are rejected with 503. Must be
    /// less than the size of the temporary directory.
    #[arg(long, env = "EXPORT_DISK_MIB", default_value_t = 1_536, value_parser = clap::value_parser!(u32).range(1..))]
    pub export_disk_mib: u32,
    /// Temporary disk of the XLSX exports of an organization and process at most, in MiB; larger workbooks are
    /// rejected with 422.
    #[arg(long, env = "EXPORT_DISK_PER_TENANT_MIB", default_value_t = 768, value_parser = clap::value_parser!(u32).range(1..))]
    pub export_disk_per_tenant_mib: u32,
    /// Concurrent reads per organization and process at most; further ones wait for up to 10 seconds, and are then
    /// rejected with 429. Fewer than `DATABASE_MAX_CONNECTIONS`, so that one organization cannot take all
    /// connections.
    #[arg(long, env = "READ_MAX_PER_TENANT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub read_max_per_tenant: u32,
    /// Time of reads per organization, minute and process, in seconds; beyond it, reads are rejected with 429
    /// until the minute allows more. 60 is one read at a time without a pause.
    #[arg(long, env = "READ_SECONDS_PER_MINUTE", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub read_seconds_per_minute: u32,
    /// Memory of the rows of one read at most, in MiB; a larger read is rejected with 422. Reads of more than 8
    /// MiB take turns.
    #[arg(long, env = "READ_MEMORY_MIB", default_value_t = 128, value_parser = clap::value_parser!(u16).range(8..))]
    pub read_memory_mib: u16,
    /// Open streams of live metrics per token and process at most. Further ones are rejected with 429.
    #[arg(long, env = "STREAM_MAX_PER_TOKEN", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub stream_max_per_token: u32,
    /// Open streams of live metrics per organization and process at most.
    #[arg(long, env = "STREAM_MAX_PER_TENANT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub stream_max_per_tenant: u32,
    /// Open streams of live metrics per client address (for IPv6, per /64 network) and process at most.
    #[arg(long, env = "STREAM_MAX_PER_ADDRESS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub stream_max_per_address: u32,
    /// Memory of the caches at most, in MiB: a quarter for responses, the rest for days and summaries of
    /// events.
    #[arg(long, env = "CACHE_MIB", default_value_t = 128)]
    pub cache_mib: u16,
    /// Logging.
    #[command(flatten)]
    pub log: LogConfig,
    /// Traces.
    #[command(flatten)]
    pub traces: TraceConfig,
}

impl ServeConfig {
    /// Returns the number of concurrent exports, limited by the number of connections.
    pub(crate) fn max_exports(&self) -> usize {
        let connections = self.database.database_max_connections.saturating_sub(1);
        self.export_max_concurrent.min(connections).max(1) as usize
    }

    /// Returns the time of reads per organization and minute.
    pub(crate) fn read_time_per_minute(&self) -> Duration {
        Duration::from_secs(self.read_seconds_per_minute.into())
    }

    /// Returns the memory of one read in bytes.
    pub(crate) fn max_read_bytes(&self) -> usize {
        usize::from(self.read_memory_mib) << 20
    }

    /// Returns the memory of the caches in bytes.
    pub(crate) fn cache_bytes(&self) -> u64 {
        u64::from(self.cache_mib) << 20
    }
}
