//! Retention of one year.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{RETRY_DELAY, pause};
use crate::{metrics, store::Store};

/// Time between two runs.
const INTERVAL: Duration = Duration::from_hours(24);

/// Deletes what is older than a year until `shutdown`; facts only where TimescaleDB does not drop
/// them by itself.
pub async fn expire(store: Store, shutdown: CancellationToken) {
    loop {
        let run = async { store.delete_expired(store.edition().await?).await };
        let delay = match run.await {
            Ok(deleted) => {
                if !deleted.is_empty() {
                    tracing::info!(?deleted, "deleted what is older than a year");
                }
                metrics::chunks_dropped(deleted.chunks);
                INTERVAL
            }
            Err(error) => {
                tracing::warn!(%error, "what is older than a year is not deleted");
                RETRY_DELAY
            }
        };
        if !pause(delay, &shutdown).await {
            return;
        }
    }
}
