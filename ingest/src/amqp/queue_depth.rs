//! The depth of the queues, for the metrics. Also detects queues that were deleted.

use std::time::Duration;

use lapin::{Connection, options::QueueDeclareOptions, types::FieldTable};

use super::topology::Topology;
use crate::metrics;

/// The time between two measurements.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Measures the depth of the queues until the broker does not respond or a queue is missing.
pub async fn monitor(connection: &Connection, topology: &Topology) -> lapin::Result<()> {
    let channel = connection.create_channel().await?;
    let passive = QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    loop {
        for queue in topology.queues() {
            let declared = channel
                .queue_declare(queue.into(), passive, FieldTable::default())
                .await?;
            metrics::queue_depth(queue, declared.message_count());
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
