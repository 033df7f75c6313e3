//! The maintenance commands: rebuilding and verifying the rollup, personal data, and retention.
//! All of them run safely beside the service.

mod events;
mod personal_data;
mod progress;
mod rebuild;
mod retention;
mod session;
pub mod table;
mod verify;

pub use events::Scope;
pub use personal_data::{Person, delete_tenant, export_person, forget};
pub use rebuild::rebuild;
pub use retention::apply_retention;
pub use session::Session;
pub use verify::verify;
