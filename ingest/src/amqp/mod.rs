//! The RabbitMQ way in. In words:
//!
//! The supervisor connects, declares the topology and consumes. Deliveries are received in chunks,
//! parsed, and completed from the registrations they follow. Facts go to the writers, publications
//! to the registry; each message is acknowledged after the commit. What lacks its registration
//! is deferred until all before it is stored, and then waits in the delayed-retry queue; what can never be stored becomes a dead letter with a reason;
//! what is none of ours is acknowledged and counted. While the database is away, messages are held
//! and tried again, and prefetch keeps the broker from sending more; what comes over HTTP meanwhile is
//! kept in the overflow queue and consumed beside the other when the database is back.

mod acknowledge;
mod consume;
mod depth;
mod message;
mod overflow;
mod publish;
mod settle;
mod supervisor;
mod told;
mod topology;
mod under_way;

pub use overflow::Overflow;
pub use publish::{DEAD_AT, Publisher, REASON};
pub use supervisor::{BrokerState, Stopping, Supervisor};
pub use topology::Topology;
