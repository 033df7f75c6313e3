//! What the ingest tier does besides taking facts: condensing visitor sets, deleting old facts.

use std::time::Duration;

use analytics_shared::edition::Edition;
use tokio_util::sync::CancellationToken;

use crate::{
    metrics,
    store::{PARTS_AT_ONCE, Store},
};

/// Time between two runs of the retention.
const DAILY: Duration = Duration::from_hours(24);
/// Time between two attempts of what failed.
const AGAIN: Duration = Duration::from_secs(30);

/// Condenses visitor sets at the given rhythm until `shutdown`.
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
        if !go_on_after(pause, &shutdown).await {
            return;
        }
    }
}

/// Deletes old facts once a day until `shutdown`, where TimescaleDB does not do it by itself.
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
    if edition == Edition::Community {
        return;
    }
    loop {
        let pause = match store.drop_expired().await {
            Ok(chunks) => {
                tracing::info!(chunks, "expired facts dropped");
                metrics::chunks_dropped(chunks);
                DAILY
            }
            Err(error) => {
                tracing::warn!(%error, "expired facts are not dropped");
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
