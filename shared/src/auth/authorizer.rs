//! Authentication and authorization of requests: a caller reaches a handler only if its token or session is valid and
//! the policy permits the route.

use std::sync::Arc;

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
    share_link::{SharedAccess, SharedView, VerifyShareToken},
    token::TokenVerifier,
};
use crate::{
    clock,
    problem::Problem,
    telemetry::{record_caller, record_route},
};

/// Authenticates and authorizes callers.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// Verifies the tokens of the platform.
    pub tokens: TokenVerifier,
    /// The sessions of browsers, where they are accepted.
    pub sessions: Option<BrowserSessions>,
    /// Verifies the access tokens of share links, where they are accepted.
    pub share_tokens: Option<Arc<dyn VerifyShareToken>>,
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
    /// The access token of a share link.
    ShareLink,
}

/// A caller with a valid token or session that the policy permits to call the route.
#[derive(Clone, Debug)]
pub struct AuthorizedCaller {
    token: VerifiedToken,
    credential: Credential,
    shared_view: Option<SharedView>,
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

    /// The view of a share link; `None` for other credentials. Handlers that read an event must not return more.
    #[must_use]
    pub fn shared_view(&self) -> Option<&SharedView> {
        self.shared_view.as_ref()
    }

    /// Checks a permission beyond that of the route.
    ///
    /// # Errors
    /// When the caller does not have it.
    pub fn check(&self, permission: Permission) -> Result<(), Problem> {
        if self.shared_view.is_some() {
            return check_link(permission);
        }
        Ok(self.policy.check(Some(self.caller()), permission)?)
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
    record_route(request);
    let Some(authorizer) = request.data::<Authorizer>() else {
        tracing::error!("the routes have no authorizer");
        return Err(Problem::internal().into());
    };
    let authenticated = authorizer.authenticate(request).await;
    let (token, credential, shared_view) = match authenticated {
        Ok((token, credential)) => (token, credential, None),
        Err(problem) => {
            let access = authorizer.shared_access(request).await?.ok_or(problem)?;
            let link = Caller {
                tenant_id: Some(access.view.tenant_id),
                user_id: None,
                roles: Vec::new(),
            };
            let token = VerifiedToken::new(link, access.expires_at);
            (token, Credential::ShareLink, Some(access.view))
        }
    };
    record_caller(&token.caller);
    let pattern = request.data::<PathPattern>().map_or("", |it| &it.0);
    let Some(permission) = Permission::to_call(request.method().as_str(), pattern) else {
        tracing::error!(pattern, "the route has no rule in the policy");
        return Err(Problem::internal().into());
    };
    let caller = AuthorizedCaller {
        token,
        credential,
        shared_view,
        policy: authorizer.policy.clone(),
    };
    caller.check(permission)?;
    Ok(caller)
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

    /// Returns the access of a request with a token of a share link, which is looked up in the database.
    ///
    /// # Errors
    /// 401 if the token or its link is no longer valid, 503 if the link cannot be read.
    async fn shared_access(&self, request: &Request) -> Result<Option<SharedAccess>, Problem> {
        let sent = request.headers().get_all(header::AUTHORIZATION);
        let (1, Some(tokens)) = (sent.iter().count(), &self.share_tokens) else {
            return Ok(None);
        };
        match Bearer::from_request(request) {
            Ok(bearer) => tokens.verify(&bearer.token, clock::now()).await,
            Err(_) => Ok(None),
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

/// Checks that a share link permits something, whatever the roles of readers.
fn check_link(permission: Permission) -> Result<(), Problem> {
    match permission {
        Permission::ReadEvent | Permission::ReadCaller => Ok(()),
        Permission::SendBrowserFacts
        | Permission::SendCustomFacts
        | Permission::SendLifecycleFacts
        | Permission::SignIn
        | Permission::ReadFigures
        | Permission::ExportPersons
        | Permission::ShareEvents
        | Permission::ManageWriteKeys => {
            let detail = "a share link does not permit this";
            Err(Problem::forbidden("not_shared", detail))
        }
    }
}

/// Returns a hash of the credential of a request, which identifies it without keeping it.
#[must_use]
pub fn credential_hash(request: &Request) -> [u8; 32] {
    let headers = request.headers();
    let token = headers.get(header::AUTHORIZATION);
    // Without the name of the scheme, which may be in any case and followed by any number of spaces.
    let token = token.and_then(|token| token.as_bytes().rsplit(|&byte| byte == b' ').next());
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
