//! What the service promises while something else fails, or somebody means ill: on the real programs
//! with a real TimescaleDB and a real RabbitMQ behind proxies that make the faults. These take longer
//! than the promises and load the machine more, so they are a program of their own.

mod abuse;
mod broker_trouble;
mod chaos;
mod maintenance_load;
mod outages;

use tokio::sync::RwLock;

/// Held for reading by whoever needs a broker that lets publish, for writing by whoever keeps it
/// from that.
static BROKER_PUBLISHES: RwLock<()> = RwLock::const_new(());
