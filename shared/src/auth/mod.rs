//! Authentication by bearer tokens of the platform (JWT, RFC 7519), signed with a shared secret, and
//! authorization by role.

mod bearer;
mod caller;
mod policy;
mod token;
mod write_key;

pub use bearer::{AuthorizedCaller, Authorizer, BearerToken};
pub use caller::{Caller, Role};
pub use policy::{Denied, GrantedRoles, Permission, Policy, RoleNames};
pub use token::{InvalidToken, TokenKeys, VerifiedToken};
pub use write_key::{WriteKey, WriteKeyHash};
