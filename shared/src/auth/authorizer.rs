//! Authentication and authorization of requests: a caller reaches a handler only if its token or session is valid and
//! the policy permits the route.

use chrono::{DateTime, Utc};
use poem::{PathPattern, Request, Result, http::header};
use poem_openapi::{
    SecurityScheme,
    auth::{Bearer, BearerAuthorization},
};
use sha2::{Digest, Sha256};

use super::{
    caller::Caller,
    claims::VerifiedToken,
    policy::{Denied, Permission, Policy},
    session::{BrowserSessions, is_same_origin, session_of},
    token::TokenVerifier,
};
use crate::{clock, problem::Problem, telemetry::record_caller};

/// Authenticates and authorizes callers.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// Verifies the tokens of the platform.
    pub tokens: TokenVerifier,
    /// The sessions of browsers, where they are accepted.
    pub sessions: Option<BrowserSessions>,
    /// The permissions.
    pub policy: Policy,
}

/// The credential by which a caller is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A bearer token of the platform.
    Token,
    /// The session of a browser.
    Session,
}

/// A caller with a valid token or session that the policy permits to call the route.
#[derive(Clone, Debug)]
pub struct AuthorizedCaller {
    token: VerifiedToken,
    credential: Credential,
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

    /// The credential of the request.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential
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
    checker = "authorize_bearer"
)]
pub struct BearerToken(pub AuthorizedCaller);

async fn authorize_bearer(request: &Request, _bearer: Bearer) -> Result<AuthorizedCaller> {
    authorize(request).await
}

/// Authenticates the caller of a request, and checks that it may call the route.
pub(super) async fn authorize(request: &Request) -> Result<AuthorizedCaller> {
    let Some(authorizer) = request.data::<Authorizer>() else {
        tracing::error!("the routes have no authorizer");
        return Err(Problem::internal().into());
    };
    let (token, credential) = authorizer.authenticate(request).await?;
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
        credential,
        policy: authorizer.policy.clone(),
    })
}

impl Authorizer {
    /// Returns the caller of a request: by its bearer token if it has the header `Authorization`, else by the session
    /// of its browser, where sessions are accepted.
    ///
    /// # Errors
    /// 401 without a valid token or session; 403 for a session with which a page of another origin writes.
    pub(crate) async fn authenticate(
        &self,
        request: &Request,
    ) -> Result<(VerifiedToken, Credential), Problem> {
        let now = clock::now();
        let sent = request.headers().get_all(header::AUTHORIZATION);
        match (sent.iter().count(), &self.sessions) {
            (0, Some(sessions)) => {
                let session = session_of(request.headers()).ok_or_else(no_credential)?;
                if !request.method().is_safe() && !is_same_origin(request) {
                    return Err(cross_origin());
                }
                let verified = sessions.verify(session, now).await?;
                Ok((verified, Credential::Session))
            }
            (0 | 1, _) => {
                let bearer = Bearer::from_request(request).map_err(|_| no_credential())?;
                let verified = self.tokens.verify(&bearer.token, now).await?;
                Ok((verified, Credential::Token))
            }
            // Programs disagree which one counts.
            _ => {
                let detail = "the request has more than one header `Authorization`";
                Err(Problem::unauthorized(detail))
            }
        }
    }

    /// Exchanges a token of the platform for a session, which ends with it.
    ///
    /// # Errors
    /// 401 if the token is not valid, 500 where sessions are not accepted.
    pub async fn sign_in(&self, token: &str, now: DateTime<Utc>) -> Result<String, Problem> {
        let verified = self.tokens.verify(token, now).await?;
        record_caller(&verified.caller);
        let session = self.sessions.as_ref().map(|it| it.sign(&verified, now));
        session.and_then(Result::ok).ok_or_else(|| {
            tracing::error!("a session cannot be signed");
            Problem::internal()
        })
    }
}

/// Returns a hash of the credential of a request, which identifies it without keeping it.
#[must_use]
pub fn credential_hash(request: &Request) -> [u8; 32] {
    let headers = request.headers();
    let token = headers.get(header::AUTHORIZATION);
    let token = token.map(header::HeaderValue::as_bytes);
    let session = || session_of(headers).map(str::as_bytes);
    Sha256::digest(token.or_else(session).unwrap_or_default()).into()
}

fn no_credential() -> Problem {
    Denied::TokenRequired.into()
}

fn cross_origin() -> Problem {
    let detail = "with the session of a browser, only pages of this origin may send this request";
    Problem::forbidden("cross_origin", detail)
}
