//! The command line. Every setting is also an environment variable.

use analytics_shared::{
    auth::{Caller, TokenKeys},
    config::{AuthConfig, CalendarConfig, DatabaseConfig, LogConfig, ServerConfig},
};
use chrono::{DateTime, Duration, Utc};
use clap::{Parser, Subcommand};
use uuid::Uuid;

/// The read tier of the analytics service: dashboards, funnels, organization reports and exports.
///
/// Without a command it serves: `analytics-query --listen-addr 127.0.0.1:8087` is
/// `analytics-query serve --listen-addr 127.0.0.1:8087`.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API until SIGTERM or Ctrl-C (the default).
    Serve(Box<ServeConfig>),
    /// Print a token for development, signed with the secret that the service is run with.
    ///
    /// curl -H "Authorization: Bearer $(analytics-query token --tenant …)" …
    Token(TokenConfig),
    /// Print the OpenAPI document as YAML. Needs no configuration.
    Openapi,
}

/// Settings of `serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeConfig {
    /// The database.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// Tokens.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// The HTTP server.
    #[command(flatten)]
    pub server: ServerConfig,
    /// The calendar.
    #[command(flatten)]
    pub calendar: CalendarConfig,
    /// Exports that run at once at most. Each holds one of the database connections, one of which
    /// is always left to the other reads.
    #[arg(long, env = "EXPORT_MAX_CONCURRENT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub export_max_concurrent: u32,
    /// Exports of one organization that run at once at most, from the request to the last byte; one
    /// more is answered with 429.
    #[arg(long, env = "EXPORT_MAX_PER_TENANT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub export_max_per_tenant: u32,
    /// MiB of what was read and answered that are remembered at most, so that figures of days that
    /// have not changed are not made again.
    #[arg(long, env = "CACHE_MIB", default_value_t = 128)]
    pub cache_mib: u16,
    /// Logging.
    #[command(flatten)]
    pub log: LogConfig,
}

impl ServeConfig {
    /// Exports that may run at once, with the connections that there are.
    #[must_use]
    pub fn exports_at_once(&self) -> usize {
        let connections = self.database.database_max_connections.saturating_sub(1);
        self.export_max_concurrent.min(connections).max(1) as usize
    }

    /// Bytes that are remembered at most.
    #[must_use]
    pub fn cache_bytes(&self) -> u64 {
        u64::from(self.cache_mib) << 20
    }
}

/// Settings of `token`.
#[derive(Clone, Debug, clap::Args)]
pub struct TokenConfig {
    /// The secret.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// The organization that the token speaks for.
    #[arg(long, value_name = "UUID")]
    pub tenant: Uuid,
    /// The person that the token speaks for.
    #[arg(long, value_name = "UUID")]
    pub user: Option<Uuid>,
    /// A role, for example ADMIN (reads every organization) or SERVICE; may be repeated.
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Hours that the token holds.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub hours: u32,
}

impl TokenConfig {
    /// The token.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn mint(self, now: DateTime<Utc>) -> anyhow::Result<String> {
        let caller = Caller {
            tenant_id: Some(self.tenant),
            user_id: self.user,
            roles: self.role,
        };
        let keys: TokenKeys = self.auth.keys();
        Ok(keys.sign(caller, now, Duration::hours(self.hours.into()))?)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_minted_token_speaks_for_its_tenant() {
        let cli = Cli::try_parse_from([
            "query",
            "token",
            "--jwt-secret=s",
            "--tenant=00000000-0000-4000-8000-00000000000a",
            "--role=ADMIN",
        ]);
        let Command::Token(config) = cli.unwrap().command else {
            panic!("another command");
        };
        let (keys, tenant) = (config.auth.keys(), config.tenant);
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let caller = keys.verify(&config.mint(now).unwrap(), now).unwrap().caller;
        assert_eq!(caller.tenant_id, Some(tenant));
        assert_eq!(caller.roles, ["ADMIN"]);
    }
}
