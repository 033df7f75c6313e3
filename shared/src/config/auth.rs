//! The settings of tokens and roles.

use std::io;

use chrono::Duration;

use super::secret::HiddenValue;
use crate::auth::{
    BrowserSessions, GrantedRoles, JwksUrl, Policy, PublicKeys, RoleNames, SessionSecret,
    ShareTokens, SharedSecrets, TokenRules, TokenSigner, TokenVerifier,
};

/// The parser of `JWT_SECRET`.
const SECRETS: HiddenValue<SharedSecrets> = HiddenValue(|text| {
    text.parse::<SharedSecrets>()
        .map_err(|error| error.to_string())
});
/// The parser of `JWT_JWKS_URL`, which may contain an access key.
const JWKS_URL: HiddenValue<JwksUrl> =
    HiddenValue(|text| text.parse::<JwksUrl>().map_err(|error| error.to_string()));

/// The parser of `SESSION_SECRET`.
const SESSION_SECRET: HiddenValue<SessionSecret> = HiddenValue(|text| {
    text.parse::<SessionSecret>()
        .map_err(|error| error.to_string())
});

/// Authentication.
#[derive(clap::Args, Clone, Debug)]
pub struct AuthConfig {
    /// Secrets with which the platform signs its tokens (HS256, HS384 or HS512), at least 32 bytes each,
    /// separated by commas. Tokens of each are accepted, so that a secret can be replaced while tokens of
    /// the former one are in use.
    #[arg(
        long,
        env = "JWT_SECRET",
        hide_env_values = true,
        value_parser = SECRETS,
        required_unless_present_any = ["jwt_public_key_file", "jwt_jwks_url"]
    )]
    pub jwt_secret: Option<SharedSecrets>,

    /// PEM file with the public keys of the issuer of tokens: RSA (RS256), EC P-256 (ES256) or Ed25519
    /// (`EdDSA`).
    #[arg(long, env = "JWT_PUBLIC_KEY_FILE", value_parser = |path: &str| PublicKeys::read(path))]
    pub jwt_public_key_file: Option<PublicKeys>,

    /// URL of the JWK Set of the issuer of tokens. It is loaded every 5 minutes, and for an unknown key id
    /// at most every 30 seconds.
    #[arg(long, env = "JWT_JWKS_URL", hide_env_values = true, value_parser = JWKS_URL)]
    pub jwt_jwks_url: Option<JwksUrl>,

    /// Value that the claim `aud` must contain. Without it, tokens with an audience are rejected.
    #[arg(long, env = "JWT_AUDIENCE")]
    pub jwt_audience: Option<String>,

    /// Value of the claim `iss`. Without it, the issuer is not checked.
    #[arg(long, env = "JWT_ISSUER")]
    pub jwt_issuer: Option<String>,

    /// Maximum time until the expiry of a token, in seconds. Tokens that are valid for longer are rejected.
    #[arg(long, env = "JWT_MAX_LIFETIME_SECONDS", default_value_t = 86_400, value_parser = clap::value_parser!(u32).range(1..))]
    pub jwt_max_lifetime_seconds: u32,

    /// Claim with the id of the tenant.
    #[arg(long, env = "JWT_TENANT_CLAIM", default_value = "tenantId")]
    pub jwt_tenant_claim: String,

    /// Claim with the id of the user.
    #[arg(long, env = "JWT_USER_CLAIM", default_value = "userId")]
    pub jwt_user_claim: String,

    /// Claim with the names of the roles.
    #[arg(long, env = "JWT_ROLES_CLAIM", default_value = "roles")]
    pub jwt_roles_claim: String,
}

impl AuthConfig {
    /// Starts the verification of tokens.
    ///
    /// # Errors
    /// When the keys of the issuer cannot be loaded because the system has no root certificates.
    pub fn verifier(&self) -> io::Result<TokenVerifier> {
        TokenVerifier::start(
            self.rules(),
            self.jwt_secret.as_ref(),
            self.jwt_public_key_file.as_ref(),
            self.jwt_jwks_url.as_ref(),
        )
    }

    /// Returns a signer with the first secret, if there is one.
    #[must_use]
    pub fn signer(&self) -> Option<TokenSigner> {
        let secrets = self.jwt_secret.as_ref()?;
        Some(TokenSigner::new(secrets.signing(), self.rules()))
    }

    fn max_lifetime(&self) -> Duration {
        Duration::seconds(self.jwt_max_lifetime_seconds.into())
    }

    fn rules(&self) -> TokenRules {
        TokenRules {
            audience: self.jwt_audience.clone(),
            issuer: self.jwt_issuer.clone(),
            max_lifetime: self.max_lifetime(),
            tenant_claim: self.jwt_tenant_claim.clone(),
            user_claim: self.jwt_user_claim.clone(),
            roles_claim: self.jwt_roles_claim.clone(),
        }
    }
}

/// The sessions of browsers.
#[derive(clap::Args, Clone, Debug)]
pub struct SessionConfig {
    /// Secret of the sessions of browsers and of opened share links, at least 32 bytes, the same on all replicas. A
    /// new one signs all browsers out.
    #[arg(
        long,
        env = "SESSION_SECRET",
        hide_env_values = true,
        value_parser = SESSION_SECRET
    )]
    pub session_secret: SessionSecret,
}

impl SessionConfig {
    /// The access tokens of share links.
    #[must_use]
    pub fn share_tokens(&self) -> ShareTokens {
        ShareTokens::new(&self.session_secret)
    }

    /// The sessions for tokens that `auth` accepts.
    #[must_use]
    pub fn sessions(&self, auth: &AuthConfig) -> BrowserSessions {
        BrowserSessions::new(&self.session_secret, auth.max_lifetime())
    }
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

    /// Roles that may create, list and revoke share links, separated by commas, beside a role that may read.
    /// Default: every token that may read.
    #[arg(
        long,
        env = "SHARE_ROLES",
        default_value = "",
        hide_default_value = true
    )]
    pub share_roles: RoleNames,
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
            share: self.share_roles.clone(),
            ..GrantedRoles::default()
        })
    }
}
