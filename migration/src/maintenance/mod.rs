//! Commands for operators: rebuilding and verifying the rollup, forgetting a person, and showing or
//! running the retention. All of them are safe while ingest runs.

mod events;
mod expire;
mod forget;
mod progress;
mod rebuild;
mod session;
mod table;
mod verify;

pub use events::Scope;
pub use expire::expire;
pub use forget::{Person, forget};
pub use rebuild::rebuild;
pub use session::Session;
pub use verify::verify;
