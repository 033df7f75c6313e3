//! The caller of a tracking request, who may be anonymous.

use analytics_shared::{
    auth::{BearerToken, Caller},
    problem::Problem,
};
use poem::http::{HeaderMap, header};
use poem_openapi::SecurityScheme;

use crate::metrics::{self, Transport};

/// An optional token: two event types are accepted without.
#[derive(SecurityScheme)]
pub enum OptionalCaller {
    /// A valid token.
    Authenticated(BearerToken),
    /// No token, or an invalid one.
    #[oai(fallback)]
    Anonymous,
}

impl OptionalCaller {
    /// Returns the caller, if any. An invalid token is an error, not an anonymous caller.
    pub fn authenticate(self, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        match self {
            Self::Authenticated(BearerToken(token)) => Ok(Some(token.caller)),
            Self::Anonymous if headers.contains_key(header::AUTHORIZATION) => {
                metrics::rejected(Transport::Http, "unauthorized");
                Err(Problem::unauthorized(
                    "the token is not valid, or has expired",
                ))
            }
            Self::Anonymous => Ok(None),
        }
    }
}
