//! RabbitMQ.
//!
//! The supervisor connects, declares the topology and runs the consumer. The consumer receives
//! deliveries in chunks, parses them, and completes facts with the registrations that they belong to.
//! Facts go to the writers, published events to the registry; each message is acknowledged after its
//! commit. A message without its registration is deferred until all messages before it are stored, and
//! then waits in the delayed-retry queue. A message that can never be stored becomes a dead letter with a
//! reason. A message with an unknown routing key is acknowledged and counted.
//!
//! While the database is unavailable, messages stay unacknowledged and are retried, and the prefetch limit
//! stops the broker from sending more. Facts from HTTP are then published to the overflow queue, and
//! consumed with the others once the database is available.

mod acknowledger;
pub mod broker_state;
pub mod connection;
mod consumer;
pub mod dead_letters;
mod delivery;
mod message;
pub mod overflow;
pub mod publisher;
mod queue_depth;
mod settler;
pub mod supervisor;
mod topology;
