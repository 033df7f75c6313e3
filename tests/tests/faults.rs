//! The promises of the service during faults and attacks: the real programs, with a real TimescaleDB and a real
//! RabbitMQ behind fault-injecting proxies. A program of their own, because they take longer and load the machine.

mod abuse;
mod broker_trouble;
mod chaos;
mod maintenance_load;
mod outage_limits;
mod outage_readiness;
mod outages;
mod read_only_server;
mod rolling_restart;

use tokio::sync::RwLock;

/// Locked for reading by tests that publish, for writing by tests that block the broker.
static BROKER_PUBLISHES: RwLock<()> = RwLock::const_new(());
