//! Sessions of browsers: a token of the platform, exchanged for a cookie that scripts cannot read.
//!
//! ```text
//! secret ──▶ sessions (signed and verified) ──▶ cookie (carries a session)
//!                                               same_origin (the pages that may write with it)
//! scheme (OpenAPI: a bearer token or a session)
//! ```

mod cookie;
mod same_origin;
mod scheme;
mod secret;
mod sessions;

pub(super) use cookie::session_of;
pub use cookie::{remove_session_cookie, session_cookie};
pub use same_origin::is_same_origin;
pub use scheme::TokenOrSession;
pub use secret::SessionSecret;
pub use sessions::BrowserSessions;
