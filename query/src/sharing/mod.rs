//! Share links: read access to one event, for recipients without an account.
//!
//! ```text
//! links ──▶ password, attempts (the exchange of a link for an access token)
//!   │
//!   └─────▶ store (rows)            view (the visible part of a response)
//! ```

mod attempts;
mod error;
mod links;
mod password;
mod view;

pub use attempts::WINDOW as ATTEMPT_WINDOW;
pub use error::SharingError;
pub use links::{NewLink, SharedLinks};
pub use view::{SharedResponse, check_no_scan, check_parameters, check_section};
