//! Errors of share links.

use std::time::Duration;

use thiserror::Error;

use crate::store::StoreError;

/// An error of share links.
#[derive(Debug, Error)]
pub enum SharingError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event or the tenant has as many links as it may.
    #[error(
        "the event has 50 valid share links, or the organization 5,000 in all: revoke one of the event, or wait \
         until those that are no longer valid are deleted"
    )]
    TooManyLinks,
    /// The link never existed, has expired or is revoked; the message does not tell which.
    #[error("the link is invalid or expired")]
    InvalidLink,
    /// The link of a token has expired or is revoked.
    #[error("the link of the token is invalid or expired")]
    LinkEnded,
    #[error("the link has a password: send it as `password`")]
    PasswordRequired,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("there were too many attempts at the password of this link")]
    TooManyAttempts,
    /// The tenant has used its hashes of passwords.
    #[error("too many passwords of share links of the organization are set or verified")]
    TooManyPasswords {
        /// The time until there may be another.
        retry_after: Duration,
    },
    /// The hashes of others did not end in time.
    #[error("too many passwords are being verified")]
    Busy,
    /// A password that cannot be hashed, or a malformed hash.
    #[error("the password cannot be processed: {0}")]
    Password(argon2::password_hash::Error),
    /// A token cannot be signed, which does not happen with an HMAC key.
    #[error("the token cannot be signed")]
    Signing,
}
