//! How many messages wait in our queues, for the metrics; and whether the queues are still there.

use std::time::Duration;

use lapin::{Connection, options::QueueDeclareOptions, types::FieldTable};

use super::topology::Topology;
use crate::metrics;

/// Time between two looks.
const RHYTHM: Duration = Duration::from_secs(5);

/// Keeps looking for as long as the broker answers.
///
/// # Errors
/// When it does not, or a queue is gone.
pub async fn watch(connection: &Connection, topology: &Topology) -> lapin::Result<()> {
    let channel = connection.create_channel().await?;
    let passive = QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    loop {
        for queue in topology.queues() {
            let declaring = channel.queue_declare(queue.into(), passive, FieldTable::default());
            metrics::messages_waiting(queue, declaring.await?.message_count());
        }
        tokio::time::sleep(RHYTHM).await;
    }
}
