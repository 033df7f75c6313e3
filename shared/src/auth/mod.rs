//! Authentication by bearer tokens of the platform (JWT, RFC 7519) or sessions of browsers, and authorization by role.
//!
//! ```text
//! authorizer ──▶ session ──▶ token ──▶ key_set ──▶ keys ──▶ claims
//!    │                       └─────▶ jwks (keys of an issuer)
//!    └─────▶ policy
//! ```

mod authorizer;
mod caller;
mod claims;
mod invalid_token;
mod jwks;
mod key_set;
mod keys;
mod policy;
mod session;
mod signer;
mod sources;
mod token;
mod write_key;

pub use authorizer::{AuthorizedCaller, Authorizer, BearerToken, Credential, credential_hash};
pub use caller::{Caller, Role};
pub use claims::{TokenRules, VerifiedToken};
pub use invalid_token::InvalidToken;
pub use keys::UnusableKey;
pub use policy::{Denied, GrantedRoles, Permission, Policy, RoleNames};
pub use session::{
    BrowserSessions, SessionSecret, TokenOrSession, is_same_origin, remove_session_cookie,
    session_cookie,
};
pub use signer::TokenSigner;
pub use sources::{InvalidJwksUrl, JwksUrl, PublicKeyError, PublicKeys, SharedSecrets};
pub use token::TokenVerifier;
pub use write_key::{WriteKey, WriteKeyHash};
