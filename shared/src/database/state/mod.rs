//! The state of the database, as far as a tier depends on it.

mod database_state;
mod monitor;
mod replica_lag;
mod schema_version;

pub use database_state::{DatabaseState, check};
pub use monitor::DatabaseMonitor;
pub use replica_lag::replica_lag;
pub use schema_version::{MIGRATIONS, SchemaVersion};
