//! What the ingest tier does besides taking facts: condensing visitor sets, deleting what is old.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    metrics,
    store::{PARTS_AT_ONCE, Store},
};

/// Time between two runs of the retention. There is something to do once a week; looking often keeps
/// what was made of facts close behind a policy that drops them.
const HOURLY: Duration = Duration::from_hours(1);
/// Time between two attempts of what failed.
const AGAIN: Duration = Duration::from_secs(30);

/// Condenses visitor sets at the given rhythm until `shutdown`, and counts those anew that hold
/// somebody who is gone.
pub async fn merge(store: Store, rhythm: Duration, shutdown: CancellationToken) {
    loop {
        let pause = match store.merge_parts().await {
            Ok(parts) => {
                metrics::parts_merged(parts);
                // A full round has left something over.
                let is_full = i64::try_from(parts).is_ok_and(|parts| parts >= PARTS_AT_ONCE);
                if is_full { Duration::ZERO } else { rhythm }
            }
            Err(error) => {
                tracing::warn!(%error, "visitor sets are not condensed");
                AGAIN
            }
        };
        match store.recount_sets().await {
            Ok(0) => {}
            Ok(sets) => tracing::info!(sets, "visitor sets are counted anew"),
            Err(error) => tracing::warn!(%error, "visitor sets are not counted anew"),
        }
        if !go_on_after(pause, &shutdown).await {
            return;
        }
    }
}

/// Deletes what is older than a year until `shutdown`; facts only where TimescaleDB does not drop
/// them by itself.
pub async fn retention(store: Store, shutdown: CancellationToken) {
    let edition = loop {
        match store.edition().await {
            Ok(edition) => break edition,
            Err(error) => tracing::warn!(%error, "cannot ask for the edition of TimescaleDB"),
        }
        if !go_on_after(AGAIN, &shutdown).await {
            return;
        }
    };
    tracing::info!(by = edition.retention(), "retention");
    loop {
        let pause = match store.expire(edition).await {
            Ok(expired) => {
                if expired.is_something() {
                    tracing::info!(?expired, "what is older than a year is deleted");
                }
                metrics::chunks_dropped(expired.chunks);
                HOURLY
            }
            Err(error) => {
                tracing::warn!(%error, "what is older than a year is not deleted");
                AGAIN
            }
        };
        if !go_on_after(pause, &shutdown).await {
            return;
        }
    }
}

async fn go_on_after(pause: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(pause) => true,
        () = shutdown.cancelled() => false,
    }
}
