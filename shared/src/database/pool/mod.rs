//! The pools of connections, the settings of their sessions, and their metrics.

pub(super) mod bounds;
pub(super) mod database_pool;
pub(super) mod metrics;
pub(super) mod session;
pub(super) mod session_check;
