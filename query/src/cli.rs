//! The command line.

use analytics_shared::{
    auth::{Caller, TokenKeys},
    config::AuthConfig,
};
use chrono::{DateTime, Duration, Utc};
use clap::{Parser, Subcommand};
use uuid::Uuid;

use crate::config::ServeConfig;

/// The read tier of the analytics service: dashboards, funnels, organization reports and exports.
///
/// `serve` is the default command: `analytics-query --listen-addr 127.0.0.1:8087` is
/// `analytics-query serve --listen-addr 127.0.0.1:8087`.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// Command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API until SIGTERM or Ctrl-C (the default).
    Serve(Box<ServeConfig>),
    /// Print a token for development, signed with the secret of the service.
    ///
    /// curl -H "Authorization: Bearer $(analytics-query token --tenant …)" …
    Token(TokenArgs),
    /// Print the OpenAPI document as YAML. Needs no configuration.
    Openapi,
}

/// Arguments of `token`.
#[derive(Clone, Debug, clap::Args)]
pub struct TokenArgs {
    /// Secret.
    #[command(flatten)]
    pub auth: AuthConfig,
    /// Organization of the token.
    #[arg(long, value_name = "UUID")]
    pub tenant: Uuid,
    /// User of the token.
    #[arg(long, value_name = "UUID")]
    pub user: Option<Uuid>,
    /// Role, for example ADMIN (reads every organization) or SERVICE; may be repeated.
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Validity of the token, in hours.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub hours: u32,
}

impl TokenArgs {
    /// Signs the token.
    ///
    /// # Errors
    /// Fails if signing fails.
    pub fn sign(self, now: DateTime<Utc>) -> anyhow::Result<String> {
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
    fn a_signed_token_has_its_tenant() {
        let cli = Cli::try_parse_from([
            "query",
            "token",
            "--jwt-secret=s",
            "--tenant=00000000-0000-4000-8000-00000000000a",
            "--role=ADMIN",
        ]);
        let Command::Token(args) = cli.unwrap().command else {
            panic!("another command");
        };
        let (keys, tenant) = (args.auth.keys(), args.tenant);
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let caller = keys.verify(&args.sign(now).unwrap(), now).unwrap().caller;
        assert_eq!(caller.tenant_id, Some(tenant));
        assert_eq!(caller.roles, ["ADMIN"]);
    }
}
