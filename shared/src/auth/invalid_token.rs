//! The reasons why a token is rejected.

use thiserror::Error;

use crate::problem::Problem;

/// The seconds after which a client tries again while no keys are known.
const RETRY_AFTER: u32 = 5;

/// The reason why a token is rejected. No text repeats a value of the token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidToken {
    /// It has expired.
    #[error("the token has expired; get a new one")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet (`nbf`)")]
    NotYetValid,
    /// It is valid for longer than this service accepts.
    #[error("the token is valid for more than {0} seconds")]
    TooLong(i64),
    /// It is not for APIs.
    #[error("the token is a refresh token")]
    RefreshToken,
    /// Its header requires extensions (`crit`, `b64`), which this service does not have.
    #[error("the header of the token requires an extension that is not supported")]
    Extension,
    /// It is signed by no key that this service knows for its algorithm.
    #[error("the token is signed with an unknown key or algorithm")]
    UnknownKey,
    /// A claim is missing or invalid.
    #[error("the claim `{0}` of the token is missing or not valid")]
    Claim(String),
    /// Its signature or form is not valid.
    #[error("the token is not valid: {0}")]
    Malformed(jsonwebtoken::errors::Error),
    /// The keys have not been loaded yet.
    #[error("the keys of tokens are not available")]
    NoKeys,
}

impl From<InvalidToken> for Problem {
    fn from(error: InvalidToken) -> Self {
        match error {
            InvalidToken::NoKeys => Self::unavailable(error.to_string(), RETRY_AFTER),
            _ => Self::unauthorized(error.to_string()),
        }
    }
}
