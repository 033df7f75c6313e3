//! The life of a service: its health, and its shutdown on a signal.

pub mod health;
mod shutdown;
pub(crate) mod readiness_metrics;

pub use shutdown::{Shutdown, shutdown_on_signal};
