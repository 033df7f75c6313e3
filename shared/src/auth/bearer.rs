//! The security scheme of the APIs: a caller reaches a handler only if its token is valid and the policy
//! permits the route.

use chrono::{DateTime, Utc};
use poem::{PathPattern, Request, http::header};
use poem_openapi::{SecurityScheme, auth::Bearer};

use super::{
    caller::Caller,
    claims::VerifiedToken,
    policy::{Denied, Permission, Policy},
    token::TokenVerifier,
};
use crate::{clock, problem::Problem, telemetry::record_caller};

/// Authenticates and authorizes callers.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// Verifies tokens.
    pub tokens: TokenVerifier,
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

/// A JSON Web Token of the platform, signed with HS256, HS384, HS512, RS256, ES256 or `EdDSA`, with the claims
/// `tenantId`, `userId`, `roles` and `exp`.
#[derive(SecurityScheme)]
#[oai(
    rename = "bearer",
    ty = "bearer",
    bearer_format = "JWT",
    checker = "authorize"
)]
pub struct BearerToken(pub AuthorizedCaller);

async fn authorize(request: &Request, bearer: Bearer) -> poem::Result<AuthorizedCaller> {
    let Some(authorizer) = request.data::<Authorizer>() else {
        tracing::error!("the routes have no authorizer");
        return Err(Problem::internal().into());
    };
    // Programs disagree which one counts.
    if request
        .headers()
        .get_all(header::AUTHORIZATION)
        .iter()
        .count()
        > 1
    {
        let detail = "the request has more than one header `Authorization`";
        return Err(Problem::unauthorized(detail).into());
    }
    let token = authorizer
        .tokens
        .verify(&bearer.token, clock::now())
        .await
        .map_err(Problem::from)?;
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
