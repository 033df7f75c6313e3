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

/// The end of a run.
enum Run {
    /// Whatever was due when the run began, at this time, is merged.
    Complete(DateTime<Utc>),
    /// Some of it was left to the next run.
    Incomplete,
    /// Another replica compacts.
    Skipped,
}

/// Runs compaction every `interval` until `shutdown`.
pub async fn compact(store: Store, interval: Duration, shutdown: CancellationToken) {
    let mut appended_since = DateTime::UNIX_EPOCH;
    let mut sealed_at: Option<Instant> = None;
    loop {
        let is_sealing = sealed_at.is_none_or(|at| at.elapsed() >= SEAL_INTERVAL);
        let run = async {
            let of_appended = run(&store, Compaction::Appended(appended_since), &shutdown).await?;
            if is_sealing && !matches!(of_appended, Run::Skipped) {
                run(&store, Compaction::Ended, &shutdown).await?;
                sealed_at = Some(Instant::now());
            }
            Ok::<_, StoreError>(of_appended)
        };
        let delay = match run.await {
            Ok(Run::Complete(started_at)) => {
                appended_since = started_at - LONGEST_BATCH;
                interval
            }
            Ok(Run::Incomplete) => interval,
            // If the other replica stops doing so, nothing is known of what it left.
            Ok(Run::Skipped) => {
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

/// Merges what is due.
async fn run(
    store: &Store,
    compaction: Compaction,
    shutdown: &CancellationToken,
) -> Result<Run, StoreError> {
    let Some(mut plan) = store.plan_compaction(compaction).await? else {
        return Ok(Run::Skipped);
    };
    metrics::compaction_planned(&plan);
    while !shutdown.is_cancelled()
        && let Some(merged) = store.compact(&mut plan).await?
    {
        metrics::rollup_compacted(merged);
    }
    Ok(if plan.is_incomplete {
        Run::Incomplete
    } else {
        Run::Complete(plan.started_at)
    })
}
