//! Share links: read access to one event, for recipients without an account.

mod tokens;
mod view;

pub use tokens::{ShareToken, ShareTokens};
pub use view::{Section, SharedAccess, SharedView, VerifyShareToken};
