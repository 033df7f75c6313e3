//! The command line.

use analytics_shared::{
    auth::Caller, config::AuthConfig, lifecycle::health_command::HealthCommand,
};
use anyhow::{Context, ensure};
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
    /// Ask a running service on this host whether it is ready; exits with 1 if not.
    Health(HealthCommand),
    /// Print a token for development, signed with the secret of the service.
    ///
    /// curl -H "Authorization: Bearer $(analytics-query token --tenant …)" …
    Token(Box<TokenArgs>),
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
    /// Validity of the token, in hours. Default: the maximum that the service accepts.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub hours: Option<u32>,
}

impl TokenArgs {
    /// Signs the token.
    ///
    /// # Errors
    /// Fails without a secret, or if the service would not accept the validity.
    pub fn sign(self, now: DateTime<Utc>) -> anyhow::Result<String> {
        let caller = Caller {
            tenant_id: Some(self.tenant),
            user_id: self.user,
            roles: self.role,
        };
        let maximum = Duration::seconds(self.auth.jwt_max_lifetime_seconds.into());
        let lifetime = self
            .hours
            .map_or(maximum, |hours| Duration::hours(hours.into()));
        ensure!(
            lifetime <= maximum,
            "the service accepts tokens for at most {} seconds (JWT_MAX_LIFETIME_SECONDS)",
            maximum.num_seconds()
        );
        let signer = self
            .auth
            .signer()
            .context("JWT_SECRET is required to sign")?;
        Ok(signer.sign(&caller, now, lifetime)?)
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

    #[tokio::test]
    async fn a_signed_token_is_valid_and_has_its_tenant() {
        let sign = |hours: &str| {
            let cli = Cli::try_parse_from([
                "query",
                "token",
                "--jwt-secret=a secret of 32 bytes for this test",
                "--jwt-audience=analytics",
                "--jwt-tenant-claim=organization",
                "--tenant=00000000-0000-4000-8000-00000000000a",
                "--role=ADMIN",
                hours,
            ]);
            let Command::Token(args) = cli.unwrap().command else {
                panic!("another command");
            };
            let now = "2026-11-23T10:00:00Z".parse().unwrap();
            let (verifier, tenant) = (args.auth.verifier().unwrap(), args.tenant);
            (args.sign(now), verifier, tenant, now)
        };
        let (token, verifier, tenant, now) = sign("--hours=24");
        let content = verifier.verify(&token.unwrap(), now).await.unwrap();
        assert_eq!(content.caller.tenant_id, Some(tenant));
        assert_eq!(content.caller.roles, ["ADMIN"]);
        assert!(sign("--hours=25").0.is_err());
    }
}
