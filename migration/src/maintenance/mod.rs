//! The maintenance commands: rebuilding and verifying the rollup, forgetting a person, and retention.
//! All of them run safely beside the service.

mod events;
mod forget;
mod progress;
mod rebuild;
mod retention;
mod session;
pub mod table;
mod verify;

pub use events::Scope;
pub use forget::{Person, forget};
pub use rebuild::rebuild;
pub use retention::apply_retention;
pub use session::Session;
pub use verify::verify;
