//! Live metrics: each event with subscribers is polled by one statement, whatever their number. The
//! database could notify sooner, but a replica sends no notifications (ADR 0012).

mod hub;
mod poller;
mod registry;
mod subscriber;
mod update;

pub use hub::LiveHub;
pub use subscriber::Subscriber;
pub use update::{EventKey, LiveSnapshot, LiveUpdate};
