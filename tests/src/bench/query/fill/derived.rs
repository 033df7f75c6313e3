//! The data derived from facts: ledger and rollup.
//!
//! For the current schema, SQL files derive it from all facts at once, several times faster than a rebuild. A
//! baseline may have any schema, so its own `analytics-migration rebuild` derives the rollup; its ledger, which
//! no figure uses, stays empty.

use std::time::Duration;

use anyhow::Context;
use sea_orm::ConnectionTrait;

use super::{migration, run};
use crate::{
    bench::{programs::Programs, progress, stage},
    database::TestDatabase,
};

/// SQL files of the current schema, in their order.
const FILES: [(&str, &str); 2] = [
    ("the ledger", include_str!("../sql/ledger.sql")),
    ("the rollup", include_str!("../sql/rollup.sql")),
];
/// The tables in which different versions count facts, with the statement that sums the counts.
const COUNTED: [(&str, &str); 2] = [
    (
        "event_rollup",
        "SELECT COALESCE(SUM(count), 0)::BIGINT FROM analytics_service.event_rollup",
    ),
    (
        "event_daily",
        "SELECT COALESCE(SUM(count), 0)::BIGINT FROM analytics_service.event_daily",
    ),
];
/// The tables that different versions compact, with the statement that counts the rows that are due.
const UNCOMPACTED: [(&str, &str); 2] = [
    (
        "event_rollup",
        "SELECT COUNT(*) FROM analytics_service.event_rollup
         WHERE level < 2 AND day < (NOW() - INTERVAL '13 hours')::DATE
           AND appended_at < NOW() - INTERVAL '1 hour'",
    ),
    (
        "event_daily_visitors",
        "SELECT COUNT(*) FROM analytics_service.event_daily_visitors WHERE ordinals IS NOT NULL",
    ),
];
/// The names of the compaction interval in different versions. A service ignores unknown names.
const OFTEN: [(&str, &str); 2] = [
    ("COMPACTION_INTERVAL_SECONDS", "1"),
    ("MERGE_INTERVAL_SECONDS", "1"),
];
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Derives everything from the facts.
///
/// # Errors
/// When a statement or the rebuild fails.
pub async fn make(database: &TestDatabase, programs: &Programs) -> anyhow::Result<()> {
    if programs.is_baseline() {
        return migration(database, programs, &["rebuild"]).await;
    }
    for (what, file) in FILES {
        run(database, what, file).await?;
    }
    Ok(())
}

/// Compacts the rows of all ended days, also those that are too new for it.
///
/// # Errors
/// When a statement fails.
pub async fn seal(database: &TestDatabase, programs: &Programs) -> anyhow::Result<()> {
    const AGE: &str = "UPDATE analytics_service.event_rollup
         SET appended_at = appended_at - INTERVAL '1 hour' WHERE level < 2";
    database.connection.execute_unprepared(AGE).await?;
    compact(database, programs).await
}

/// Runs ingest until compaction is complete.
///
/// # Errors
/// When the schema has no table that is known here.
pub async fn compact(database: &TestDatabase, programs: &Programs) -> anyhow::Result<()> {
    let uncompacted = of_existing(database, &UNCOMPACTED).await?;
    let all = database.number(uncompacted).await;
    let bar = progress::bar("compacting", usize::try_from(all)?);
    let mut ingest = stage::start("analytics-ingest", database, programs, &OFTEN).await;
    loop {
        let left = database.number(uncompacted).await;
        bar.set_position(u64::try_from(all - left)?);
        if left == 0 {
            break;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    bar.finish_and_clear();
    ingest.terminate().await;
    Ok(())
}

/// The number of facts that the rollup counts.
///
/// # Errors
/// When the schema has no table that is known here.
pub async fn countable_facts(database: &TestDatabase) -> anyhow::Result<i64> {
    let counted = of_existing(database, &COUNTED).await?;
    Ok(database.number(counted).await)
}

/// The statement of the first table that the schema has.
async fn of_existing(
    database: &TestDatabase,
    statements: &[(&str, &'static str)],
) -> anyhow::Result<&'static str> {
    for (table, statement) in statements {
        if stage::has_table(database, table).await {
            return Ok(statement);
        }
    }
    let (expected, _) = statements.first().context("statements")?;
    anyhow::bail!("the schema has no table {expected}, and no older one that is known")
}
