//! Rebuilds of events whose time zone has changed.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::schedule::RETRY_DELAY;
use crate::store::database::Store;

/// The time between two checks for events that another process registered.
const POLL_INTERVAL: Duration = Duration::from_secs(10);

/// Rebuilds events that need it, until shutdown.
pub async fn rebuild(store: Store, shutdown: CancellationToken) {
    loop {
        let delay = match store.rebuild_pending().await {
            Ok(0) => POLL_INTERVAL,
            Ok(events) => {
                tracing::info!(events, "rebuilt the rollup in a new time zone");
                Duration::ZERO
            }
            Err(error) => {
                tracing::warn!(%error, "rebuilding the rollup in a new time zone failed");
                RETRY_DELAY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = store.rebuild_requested() => {}
            () = shutdown.cancelled() => return,
        }
    }
}
