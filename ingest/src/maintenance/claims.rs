//! Deletion of users' claims that the platform or a service has reported later.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::schedule::{RETRY_DELAY, pause};
use crate::{
    metrics::{self, IgnoredClaim},
    store::database::Store,
};

/// The time between two runs.
const RUN_INTERVAL: Duration = Duration::from_secs(10);
/// The pause after a run, as a multiple of its duration: many claims must not occupy the database.
const MIN_PAUSE: u32 = 20;

/// Deletes superseded claims until shutdown.
pub async fn supersede(store: Store, shutdown: CancellationToken) {
    loop {
        let started = Instant::now();
        let delay = match store.delete_superseded_claims().await {
            Ok(deleted) => {
                metrics::claims_ignored(IgnoredClaim::Superseded, deleted);
                RUN_INTERVAL.max(started.elapsed() * MIN_PAUSE)
            }
            Err(error) => {
                tracing::warn!(%error, "deleting superseded claims failed");
                RETRY_DELAY
            }
        };
        if !pause(delay, &shutdown).await {
            return;
        }
    }
}
