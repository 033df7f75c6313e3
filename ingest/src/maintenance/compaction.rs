//! Compaction of the rollup in the background.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{RETRY_DELAY, pause};
use crate::{
    metrics,
    store::{Compaction, Store, StoreError},
};

/// Time between two runs that seal days that are over: each takes some of the oldest.
const SEAL_INTERVAL: Duration = Duration::from_mins(1);
/// A batch appends its rows under the time at which it began; one that takes longer than this to
/// commit is found when its keys are touched again, or when their day is over.
const LONGEST_BATCH: TimeDelta = TimeDelta::seconds(10);

/// Runs compaction every `interval` until `shutdown`.
pub async fn compact(store: Store, interval: Duration, shutdown: CancellationToken) {
    let mut appended_since = DateTime::UNIX_EPOCH;
    let mut sealed_at: Option<Instant> = None;
    loop {
        let is_sealing = sealed_at.is_none_or(|at| at.elapsed() >= SEAL_INTERVAL);
        let run = async {
            let started_at = run(&store, Compaction::Appended(appended_since), &shutdown).await?;
            if is_sealing && started_at.is_some() {
                run(&store, Compaction::Ended, &shutdown).await?;
            }
            Ok::<_, StoreError>(started_at)
        };
        let delay = match run.await {
            Ok(Some(started_at)) => {
                appended_since = started_at - LONGEST_BATCH;
                sealed_at = sealed_at.filter(|_| !is_sealing).or(Some(Instant::now()));
                interval
            }
            // Another replica compacts. If it stops doing so, nothing is known of what it left.
            Ok(None) => {
                appended_since = DateTime::UNIX_EPOCH;
                interval
            }
            Err(error) => {
                tracing::warn!(%error, "the rollup is not compacted");
                RETRY_DELAY
            }
        };
        if !pause(delay, &shutdown).await {
            return;
        }
    }
}

/// Merges what is due. Returns when it began; `None` while another replica compacts.
async fn run(
    store: &Store,
    compaction: Compaction,
    shutdown: &CancellationToken,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let Some(mut plan) = store.plan_compaction(compaction).await? else {
        return Ok(None);
    };
    metrics::compaction_planned(&plan);
    while !shutdown.is_cancelled()
        && let Some(merged) = store.compact(&mut plan).await?
    {
        metrics::rollup_compacted(merged);
    }
    Ok(Some(plan.started_at))
}
