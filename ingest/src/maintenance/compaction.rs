//! Periodic compaction of the rollup.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::schedule::{RETRY_DELAY, pause};
use crate::{
    metrics,
    store::{compaction::Compaction, database::Store, error::StoreError},
};

/// The time between two runs that seal ended days, each of which seals some of the oldest.
const SEAL_INTERVAL: Duration = Duration::from_mins(1);
/// The append time of a row is the start of its batch. Rows of a batch that takes longer than this are found
/// when their keys change again, or when their day has ended.
const MAX_BATCH_DURATION: TimeDelta = TimeDelta::seconds(10);

/// The result of a run.
enum Run {
    /// All rows that were due at this time, the start of the run, are merged.
    Complete(DateTime<Utc>),
    /// Some rows are left to the next run.
    Incomplete,
    /// Another replica compacts.
    Skipped,
}

/// Runs the compaction every `interval` until shutdown.
pub async fn compact(store: Store, interval: Duration, shutdown: CancellationToken) {
    let mut appended_since = DateTime::UNIX_EPOCH;
    let mut sealed_at: Option<Instant> = None;
    loop {
        let is_sealing = sealed_at.is_none_or(|at| at.elapsed() >= SEAL_INTERVAL);
        let run = async {
            let appended = run(&store, Compaction::Appended(appended_since), &shutdown).await?;
            if is_sealing && !matches!(appended, Run::Skipped) {
                run(&store, Compaction::Ended, &shutdown).await?;
                sealed_at = Some(Instant::now());
            }
            Ok::<_, StoreError>(appended)
        };
        let mut delay = interval;
        match run.await {
            Ok(Run::Complete(started_at)) => appended_since = started_at - MAX_BATCH_DURATION,
            Ok(Run::Incomplete) => {}
            // The rows that the other replica leaves are unknown.
            Ok(Run::Skipped) => appended_since = DateTime::UNIX_EPOCH,
            Err(error) => {
                tracing::warn!(%error, "compacting the rollup failed");
                delay = RETRY_DELAY;
            }
        }
        if !pause(delay, &shutdown).await {
            return;
        }
    }
}

/// Merges the rows that are due.
async fn run(
    store: &Store,
    compaction: Compaction,
    shutdown: &CancellationToken,
) -> Result<Run, StoreError> {
    let Some(mut plan) = store.plan_compaction(compaction).await? else {
        return Ok(Run::Skipped);
    };
    metrics::oldest_uncompacted_row(plan.oldest_uncompacted_age());
    while !shutdown.is_cancelled()
        && let Some(merged) = store.compact(&mut plan).await?
    {
        metrics::rollup_compacted(merged);
    }
    Ok(if plan.is_incomplete {
        Run::Incomplete
    } else {
        Run::Complete(plan.started_at())
    })
}
