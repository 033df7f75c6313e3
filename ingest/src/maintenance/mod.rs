//! Maintenance in the background: compaction of the rollup, rebuilds of events
//! whose time zone has changed, and retention. Replicas agree by advisory locks.

mod compaction;
mod rebuild;
mod retention;

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::store::Store;
pub use compaction::compact;

/// Delay before a failed run is retried.
const RETRY_DELAY: Duration = Duration::from_secs(30);

/// Starts everything; the task ends after `shutdown`, when the run in progress has ended.
pub fn start(
    store: &Store,
    compaction_interval: Duration,
    shutdown: CancellationToken,
) -> JoinHandle<()> {
    let store = store.clone();
    tokio::spawn(async move {
        tokio::join!(
            compact(store.clone(), compaction_interval, shutdown.clone()),
            rebuild::rebuild(store.clone(), shutdown.clone()),
            retention::expire(store, shutdown),
        );
    })
}

/// Waits; returns whether to go on.
async fn pause(delay: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(delay) => true,
        () = shutdown.cancelled() => false,
    }
}
