//! Who sends a fact: a token where there is one.

use analytics_shared::{
    auth::{BearerToken, Caller},
    problem::Problem,
};
use poem::http::{HeaderMap, header};
use poem_openapi::SecurityScheme;

use crate::metrics::{self, Way};

/// A token where one is sent: two event types are taken without.
#[derive(SecurityScheme)]
pub enum CallerIfAny {
    /// A token that holds.
    Known(BearerToken),
    /// No token, or one that does not hold.
    #[oai(fallback)]
    Unknown,
}

impl CallerIfAny {
    /// The caller, if any.
    ///
    /// # Errors
    /// A token that does not hold is an error, not an anonymous caller.
    pub fn of(self, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        match self {
            Self::Known(BearerToken(caller)) => Ok(Some(caller)),
            Self::Unknown if headers.contains_key(header::AUTHORIZATION) => {
                metrics::refused(Way::Http, "unauthorized");
                Err(Problem::unauthorized(
                    "the token is not valid, or has expired",
                ))
            }
            Self::Unknown => Ok(None),
        }
    }
}
