//! The compaction backlog: rows that are written but not compacted yet. A run ends when the backlog is within its
//! bound, so that compaction is part of the measured throughput.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::{programs::Programs, progress, stage};
use crate::database::TestDatabase;

/// Keys whose compaction is overdue: with 8 appended rows or more, the eighth of them older than 10 seconds.
const OVERDUE_ROWS: &str = "SELECT COUNT(*) FROM (
     SELECT FROM analytics_service.event_rollup
     WHERE level = 0 AND appended_at < NOW() - INTERVAL '10 seconds'
     GROUP BY tenant_id, event_id, day, event_type, source, ticket_type, currency
     HAVING COUNT(*) >= 8) AS overdue";
/// The table that is compacted; older schemas have none.
const ROLLUP: &str = "event_rollup";
const POLL_INTERVAL: Duration = Duration::from_millis(200);
const TIMEOUT: Duration = Duration::from_mins(2);

/// Waits until a running service has compacted what is overdue. Returns the time that it took; `None` if
/// the schema has no such rollup.
///
/// # Errors
/// When it takes too long.
pub async fn wait(database: &TestDatabase) -> anyhow::Result<Option<Duration>> {
    if !stage::has_table(database, ROLLUP).await {
        return Ok(None);
    }
    let began = Instant::now();
    let mut overdue = database.number(OVERDUE_ROWS).await;
    if overdue == 0 {
        return Ok(Some(Duration::ZERO));
    }
    let bar = progress::bar("compaction backlog", usize::try_from(overdue)?);
    while overdue > 0 {
        ensure!(
            began.elapsed() < TIMEOUT,
            "{overdue} keys are still not compacted after {TIMEOUT:?}"
        );
        tokio::time::sleep(POLL_INTERVAL).await;
        overdue = database.number(OVERDUE_ROWS).await;
        let done = bar.length().unwrap_or_default();
        bar.set_position(done.saturating_sub(u64::try_from(overdue)?));
    }
    bar.finish_and_clear();
    Ok(Some(began.elapsed()))
}

/// The same without a running service: starts one if a compaction is due.
///
/// # Errors
/// When it takes too long.
pub async fn wait_with_service(
    database: &TestDatabase,
    programs: &Programs,
) -> anyhow::Result<Option<Duration>> {
    if !stage::has_table(database, ROLLUP).await {
        return Ok(None);
    }
    if database.number(OVERDUE_ROWS).await == 0 {
        return Ok(Some(Duration::ZERO));
    }
    let began = Instant::now();
    let mut ingest = stage::ingest(database, programs).await;
    let waited = wait(database).await;
    ingest.terminate().await;
    waited.map(|_| Some(began.elapsed()))
}
