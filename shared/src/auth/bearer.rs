//! The security scheme of the APIs: a caller reaches a handler only if its token is valid and the policy
//! permits the route.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use poem::{PathPattern, Request};
use poem_openapi::{SecurityScheme, auth::Bearer};

use super::{
    caller::Caller,
    policy::{Denied, Permission, Policy},
    token::{TokenKeys, VerifiedToken},
};
use crate::{clock, problem::Problem, telemetry::record_caller};

/// Authenticates and authorizes callers.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// The keys of tokens.
    pub keys: TokenKeys,
    /// The permissions.
    pub policy: Policy,
}

/// A caller with a valid token that the policy permits to call the route.
#[derive(Clone, Debug)]
pub struct AuthorizedCaller {
    token: VerifiedToken,
    policy: Policy,
}

impl AuthorizedCaller {
    /// The claims of the token.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.token.caller
    }

    /// The time from which the token is no longer valid.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.token.expires_at
    }

    /// Checks a permission beyond that of the route.
    ///
    /// # Errors
    /// When the caller does not have it.
    pub fn check(&self, permission: Permission) -> Result<(), Denied> {
        self.policy.check(Some(self.caller()), permission)
    }
}

/// A JSON Web Token of the platform, signed with HS256, HS384 or HS512, with the claims
/// `tenantId`, `userId`, `roles` and `exp`.
#[derive(SecurityScheme)]
#[oai(
    rename = "bearer",
    ty = "bearer",
    bearer_format = "JWT",
    checker = "authorize"
)]
pub struct BearerToken(pub AuthorizedCaller);

#[expect(
    clippy::unused_async,
    reason = "the security scheme awaits its checker"
)]
async fn authorize(request: &Request, bearer: Bearer) -> poem::Result<AuthorizedCaller> {
    let Some(authorizer) = request.data::<Arc<Authorizer>>() else {
        tracing::error!("the routes have no authorizer");
        return Err(Problem::internal().into());
    };
    let token = authorizer
        .keys
        .verify(&bearer.token, clock::now())
        .map_err(|invalid| Problem::unauthorized(invalid.to_string()))?;
    record_caller(&token.caller);
    let pattern = request.data::<PathPattern>().map_or("", |it| &it.0);
    let Some(permission) = Permission::to_call(request.method().as_str(), pattern) else {
        tracing::error!(pattern, "the route has no rule in the policy");
        return Err(Problem::internal().into());
    };
    authorizer
        .policy
        .check(Some(&token.caller), permission)
        .map_err(Problem::from)?;
    Ok(AuthorizedCaller {
        token,
        policy: authorizer.policy.clone(),
    })
}
