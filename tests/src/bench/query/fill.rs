//! Millions of facts in the database, as they would be if they had come one by one.
//!
//! Facts and visitors go in by `COPY`; visitors have their ordinals in the order in which they first
//! appeared, as ingest gives them, and not in that of a rebuild, which would lay those of one event
//! side by side. Then everything is counted at once, ingest condenses the visitor sets, and the program
//! that operators have for it verifies the organization that will be measured.

use std::{
    collections::HashSet,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::ensure;
use sea_orm::{ConnectionTrait, sqlx};
use tokio::process::Command;
use uuid::Uuid;

use super::row;
use crate::{
    bench::{copy_in::CopyIn, cpu::Measured, mix::Mix, progress, stage, watch::Watch},
    database::TestDatabase,
    process::binary,
    service::Service,
};

const FACTS: &str = "COPY analytics_service.analytics_events
    (id, tenant_id, event_type, event_id, user_id, properties, created_at) FROM STDIN";
const VISITORS: &str = "COPY analytics_service.visitors (tenant_id, visitor_id) FROM STDIN";
const FRESH_PARTS: &str =
    "SELECT COUNT(*) FROM analytics_service.event_daily_visitors WHERE ordinals IS NOT NULL";
/// Whether every fact is stored and counted.
const IS_WHOLE: &str = "SELECT ((SELECT COUNT(*) FROM analytics_service.analytics_events) = $1
        AND (SELECT SUM(count) FROM analytics_service.event_daily) = $1)";
/// Time between two looks at what is left to condense.
const RHYTHM: Duration = Duration::from_secs(1);

/// Makes so many facts of the mix, with everything that is derived from them.
///
/// # Errors
/// When anything is not stored, or does not agree.
pub async fn fill(database: &TestDatabase, mix: &Mix, facts: usize) -> anyhow::Result<()> {
    stage::register(database, &mix.scene.events).await?;
    copy(database, mix, facts).await?;
    run(database, "ANALYZE", "ANALYZE").await?;
    let ledger = include_str!("sql/ledger.sql");
    run(database, "the ledger", ledger).await?;
    run(database, "the rollup", include_str!("sql/rollup.sql")).await?;
    condense(database).await?;
    run(database, "VACUUM ANALYZE", "VACUUM ANALYZE").await?;
    let tenant = mix.scene.events[0].tenant.to_string();
    migration(database, &["verify", "--tenant", &tenant]).await?;
    let pool = database.connection.get_postgres_connection_pool();
    let is_whole: bool = sqlx::query_scalar(IS_WHOLE)
        .bind(i64::try_from(facts)?)
        .fetch_one(pool)
        .await?;
    ensure!(is_whole, "not every fact is stored and counted");
    Ok(())
}

async fn copy(database: &TestDatabase, mix: &Mix, facts: usize) -> anyhow::Result<()> {
    const WHAT: &str = "making facts";
    let bar = progress::bar(WHAT, facts);
    let watch = Watch::start(Measured::Nobody);
    let mut rows = CopyIn::begin(database, FACTS).await?;
    let mut people = CopyIn::begin(database, VISITORS).await?;
    let mut met: HashSet<Uuid> = HashSet::new();
    for fact in mix.of_forms(facts) {
        bar.inc(rows.row(row::line(&fact).as_bytes()).await?);
        let visitor = row::visitor(&fact);
        if met.insert(visitor) {
            let line = format!("{}\t{visitor}\n", row::tenant(&fact));
            people.row(line.as_bytes()).await?;
        }
    }
    rows.finish().await?;
    people.finish().await?;
    bar.finish_and_clear();
    progress::ended(WHAT, "facts", &watch.stop(facts));
    Ok(())
}

/// Runs a statement, and says how long it took.
async fn run(database: &TestDatabase, what: &str, statement: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    database.connection.execute_unprepared(statement).await?;
    eprintln!("  {what:36} {:>9.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Runs `analytics-migration`, which says by itself how far it is.
async fn migration(database: &TestDatabase, arguments: &[&str]) -> anyhow::Result<()> {
    eprintln!("  analytics-migration {}", arguments.join(" "));
    let status = Command::new(binary("analytics-migration"))
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await?;
    ensure!(status.success(), "it failed ({status})");
    Ok(())
}

/// Lets ingest condense the visitor sets until there is nothing left to do.
pub async fn condense(database: &TestDatabase) -> anyhow::Result<()> {
    let all = database.number(FRESH_PARTS).await;
    let bar = progress::bar("condensing visitor sets", usize::try_from(all)?);
    let environment = [
        ("DATABASE_URL", database.url.as_str()),
        ("MERGE_INTERVAL_SECONDS", "1"),
    ];
    let mut ingest = Service::start("analytics-ingest", &environment).await;
    loop {
        let left = database.number(FRESH_PARTS).await;
        bar.set_position(u64::try_from(all - left)?);
        if left == 0 {
            break;
        }
        tokio::time::sleep(RHYTHM).await;
    }
    bar.finish_and_clear();
    ingest.terminate().await;
    Ok(())
}
