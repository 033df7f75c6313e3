//! Pools of connections: their settings, also behind a connection pooler, their limits of trust, and their metrics.

mod database_pool;
mod metrics;
mod session;
mod session_check;
mod trust;

pub use database_pool::DatabasePool;
pub use metrics::observe_pool;
pub use session::SessionSettings;
pub use session_check::SessionDefect;
pub(super) use trust::{IDLE_BEFORE_TEST, bound_release};
