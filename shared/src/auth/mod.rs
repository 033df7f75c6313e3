//! Authentication by bearer tokens of the platform (JWT, RFC 7519), and authorization by role.
//!
//! ```text
//! bearer ──▶ token ──▶ key_set ──▶ keys ──▶ claims
//!    │         └─────▶ jwks (keys of an issuer)
//!    └─────▶ policy
//! ```

mod bearer;
mod caller;
mod claims;
mod invalid_token;
mod jwks;
mod key_set;
mod keys;
mod policy;
mod signer;
mod sources;
mod token;
mod write_key;

pub use bearer::{AuthorizedCaller, Authorizer, BearerToken};
pub use caller::{Caller, Role};
pub use claims::{TokenRules, VerifiedToken};
pub use invalid_token::InvalidToken;
pub use keys::UnusableKey;
pub use policy::{Denied, GrantedRoles, Permission, Policy, RoleNames};
pub use signer::TokenSigner;
pub use sources::{InvalidJwksUrl, JwksUrl, PublicKeyError, PublicKeys, SharedSecrets};
pub use token::TokenVerifier;
pub use write_key::{WriteKey, WriteKeyHash};
