//! Authentication by bearer tokens of the platform (JWT, RFC 7519), sessions of browsers or share links, and
//! authorization by role.
//!
//! ```text
//! authorizer ──▶ session, share_link ──▶ token ──▶ key_set ──▶ keys ──▶ claims
//!    │                                    └─────▶ jwks (keys of an issuer)
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
mod random_key;
mod session;
mod share_link;
mod signer;
mod sources;
mod token;

pub use authorizer::{AuthorizedCaller, Authorizer, BearerToken, Credential, credential_hash};
pub use caller::{Caller, Role};
pub use claims::{TokenRules, VerifiedToken};
pub use invalid_token::InvalidToken;
pub use keys::UnusableKey;
pub use policy::{Denied, GrantedRoles, Permission, Policy, RoleNames};
pub use random_key::{KeyHash, KeyKind, RandomKey};
pub use session::{
    BrowserSessions, SessionSecret, TokenOrSession, is_same_origin, remove_session_cookie,
    session_cookie,
};
pub use share_link::{
    Section, ShareToken, ShareTokens, SharedAccess, SharedView, VerifyShareToken,
};
pub use signer::TokenSigner;
pub use sources::{InvalidJwksUrl, JwksUrl, PublicKeyError, PublicKeys, SharedSecrets};
pub use token::TokenVerifier;
