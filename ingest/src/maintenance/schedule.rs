//! The schedule of maintenance runs.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The delay after a failed run.
pub const RETRY_DELAY: Duration = Duration::from_secs(30);

/// Repeats `run`, which returns the delay before the next one, until shutdown.
pub async fn repeat(shutdown: &CancellationToken, mut run: impl AsyncFnMut() -> Duration) {
    loop {
        let delay = run().await;
        let pause = shutdown.run_until_cancelled(sleep(delay));
        if pause.await.is_none() {
            return;
        }
    }
}
