//! Authentication by bearer tokens of the platform (JWT, RFC 7519), signed with a shared secret.

mod caller;
mod token;

pub use caller::{BearerToken, Caller, ExpiringToken, Role, VerifiedToken};
pub use token::{InvalidToken, TokenKeys};
