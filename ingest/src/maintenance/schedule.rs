//! The schedule of maintenance runs.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The delay after a failed run.
pub const RETRY_DELAY: Duration = Duration::from_secs(30);

/// Pauses between two runs; returns `false` on shutdown.
pub async fn pause(delay: Duration, shutdown: &CancellationToken) -> bool {
    let pause = shutdown.run_until_cancelled(sleep(delay));
    pause.await.is_some()
}
