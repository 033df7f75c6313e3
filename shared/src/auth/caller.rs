//! The authenticated caller, and the security scheme of the APIs.

use chrono::{DateTime, Utc};
use poem::Request;
use poem_openapi::{SecurityScheme, auth::Bearer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::TokenKeys;
use crate::{clock, problem::Problem};

/// A role that grants permissions. Roles of other services are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads every tenant.
    Admin,
    /// A service of the platform: sends facts of any type, tenant and user. The fact names the user; the
    /// user of the token is ignored.
    Service,
}

impl Role {
    /// Its name in the claim `roles`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Service => "SERVICE",
        }
    }
}

/// The authenticated caller: the claims of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Caller {
    /// The tenant (organization) of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Uuid>,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Uuid>,
    /// The names of the roles.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Caller {
    /// Returns whether the caller has the role.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.iter().any(|name| name == role.name())
    }

    /// Returns whether the caller may read the data of `tenant`.
    #[must_use]
    pub fn may_read(&self, tenant: Uuid) -> bool {
        self.tenant_id == Some(tenant) || self.has_role(Role::Admin)
    }
}

/// A JSON Web Token of the platform, signed with HS256, HS384 or HS512, with the claims
/// `tenantId`, `userId`, `roles` and `exp`.
#[derive(SecurityScheme)]
#[oai(
    rename = "bearer",
    ty = "bearer",
    bearer_format = "JWT",
    checker = "caller_of_bearer"
)]
pub struct BearerToken(pub Caller);

/// A JSON Web Token of the platform, signed with HS256, HS384 or HS512, with the claims
/// `tenantId`, `userId`, `roles` and `exp`.
// The same scheme in the document, hence the same description. A streamed response needs the time at
// which the token expires.
#[derive(SecurityScheme)]
#[oai(
    rename = "bearer",
    ty = "bearer",
    bearer_format = "JWT",
    checker = "verify_bearer"
)]
pub struct ExpiringToken(pub VerifiedToken);

/// The content of a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    /// The caller.
    pub caller: Caller,
    /// The time from which the token is no longer valid.
    pub expires_at: DateTime<Utc>,
}

async fn caller_of_bearer(request: &Request, bearer: Bearer) -> poem::Result<Caller> {
    Ok(verify_bearer(request, bearer).await?.caller)
}

#[expect(
    clippy::unused_async,
    reason = "the security scheme awaits its checker"
)]
async fn verify_bearer(request: &Request, bearer: Bearer) -> poem::Result<VerifiedToken> {
    let Some(keys) = request.data::<TokenKeys>() else {
        tracing::error!("the routes have no token keys");
        return Err(Problem::internal().into());
    };
    keys.verify(&bearer.token, clock::now())
        .map_err(|invalid| Problem::unauthorized(invalid.to_string()).into())
}
