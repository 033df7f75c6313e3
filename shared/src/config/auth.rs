//! The settings of tokens and roles.

use super::secret::Secret;
use crate::auth::{GrantedRoles, Policy, RoleNames, TokenKeys};

/// Authentication.
#[derive(clap::Args, Clone, Debug)]
pub struct AuthConfig {
    /// Secret with which the platform signs its tokens (HS256, HS384 or HS512).
    #[arg(long, env = "JWT_SECRET", hide_env_values = true, value_parser = non_empty)]
    pub jwt_secret: Secret,
}

impl AuthConfig {
    /// The keys that verify and sign tokens.
    #[must_use]
    pub fn keys(&self) -> TokenKeys {
        TokenKeys::new(self.jwt_secret.expose())
    }
}

fn non_empty(text: &str) -> Result<Secret, String> {
    if text.is_empty() {
        return Err("must not be empty: anyone could sign tokens".to_owned());
    }
    text.parse()
        .map_err(|never: std::convert::Infallible| match never {})
}

/// The roles of producers.
#[derive(clap::Args, Clone, Debug)]
pub struct WriteRolesConfig {
    /// Roles that may send registrations, check-ins, payments and refunds over HTTP, separated by commas.
    /// Empty: only RabbitMQ does. The platform's services have the role `SERVICE`.
    #[arg(long, env = "WRITE_ROLES", default_value = "SERVICE")]
    pub write_roles: RoleNames,
}

impl WriteRolesConfig {
    /// The policy of the write tier.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy::new(GrantedRoles {
            write: self.write_roles.clone(),
            ..GrantedRoles::default()
        })
    }
}

/// The roles of readers.
#[derive(clap::Args, Clone, Debug)]
pub struct ReadRolesConfig {
    /// Roles that may read the figures of their tenant, separated by commas. Default: every token of the
    /// tenant. The role `ADMIN` reads every tenant.
    #[arg(
        long,
        env = "READ_ROLES",
        default_value = "",
        hide_default_value = true
    )]
    pub read_roles: RoleNames,

    /// Roles that may export rows about persons (the datasets `facts` and `registrations`), separated by
    /// commas, beside a role that may read. Default: every token that may read.
    #[arg(
        long,
        env = "EXPORT_ROLES",
        default_value = "",
        hide_default_value = true
    )]
    pub export_roles: RoleNames,
}

impl ReadRolesConfig {
    /// The policy of the read tier. Warns about roles that are not restricted.
    #[must_use]
    pub fn policy(&self) -> Policy {
        if self.read_roles.is_empty() {
            tracing::warn!("READ_ROLES is not set: every token of a tenant reads its figures");
        }
        if self.export_roles.is_empty() {
            tracing::warn!(
                "EXPORT_ROLES is not set: every token that reads a tenant exports rows about persons"
            );
        }
        Policy::new(GrantedRoles {
            read: self.read_roles.clone(),
            export: self.export_roles.clone(),
            ..GrantedRoles::default()
        })
    }
}
