//! The promises of the service during faults and attacks: on the real programs
//! with a real TimescaleDB and a real RabbitMQ behind proxies that make the faults. These take longer
//! than the promises and load the machine more, so they are a program of their own.

mod abuse;
mod broker_trouble;
mod chaos;
mod maintenance_load;
mod outages;

use tokio::sync::RwLock;

/// Held for reading by tests that publish, for writing by tests that keep the broker
/// from that.
static BROKER_PUBLISHES: RwLock<()> = RwLock::const_new(());
