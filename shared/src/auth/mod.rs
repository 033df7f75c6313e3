//! Authentication by bearer tokens of the platform (JWT, RFC 7519), signed with a shared secret.

mod bearer;
mod caller;
mod token;

pub use bearer::BearerToken;
pub use caller::{Caller, Role};
pub use token::{InvalidToken, TokenKeys, VerifiedToken};
