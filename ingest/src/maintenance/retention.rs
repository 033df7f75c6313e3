//! Retention of one year.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::schedule::{RETRY_DELAY, pause};
use crate::{metrics, store::database::Store};

/// The time between two runs.
const RUN_INTERVAL: Duration = Duration::from_hours(24);

/// Deletes expired rows until shutdown; facts only if TimescaleDB has no retention policy.
pub async fn expire(store: Store, shutdown: CancellationToken) {
    loop {
        let run = async { store.delete_expired(store.edition().await?).await };
        let delay = match run.await {
            Ok(deleted) => {
                if !deleted.is_empty() {
                    tracing::info!(?deleted, "deleted expired rows");
                }
                metrics::chunks_dropped(deleted.chunks);
                RUN_INTERVAL
            }
            Err(error) => {
                tracing::warn!(%error, "deleting expired rows failed");
                RETRY_DELAY
            }
        };
        if !pause(delay, &shutdown).await {
            return;
        }
    }
}
