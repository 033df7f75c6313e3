//! Changes of the schema beside a running service.

mod change;
mod lock;
mod requirements;
mod schema_state;

pub use change::{change, down, up};
pub(crate) use lock::begin_maintenance;
pub use requirements::ensure_requirements;
pub use schema_state::SchemaState;
