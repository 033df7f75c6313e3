//! The life of a service: its health, the command that asks for it, and its shutdown on a signal.

pub mod health;
pub mod health_command;
pub(crate) mod readiness_metrics;
mod shutdown;

pub use shutdown::{Shutdown, shutdown_on_signal};
