//! The state of a database: whether a tier can use it.

pub(super) mod database_monitor;
pub(super) mod schema_version;
pub(super) mod state;
