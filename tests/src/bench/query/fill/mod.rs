//! Fills a database with millions of facts, as if they had been sent one by one.
//!
//! Facts are written by `COPY`; ledger and rollup are derived from them and compacted. Then
//! `analytics-migration verify` checks the measured organization.

mod derived;

use std::process::Stdio;

use anyhow::ensure;
pub use derived::seal;
use sea_orm::ConnectionTrait;
use tokio::process::Command;

use super::row;
use crate::{
    bench::{
        copy_in::CopyIn, cpu::Measured, mix::Mix, programs::Programs, progress, stage, watch::Watch,
    },
    database::TestDatabase,
};

const FACTS: &str = "COPY analytics_service.analytics_events
    (id, tenant_id, event_type, event_id, user_id, properties, created_at) FROM STDIN";
const STORED: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events";

/// Generates this number of facts, with the derived data.
///
/// # Errors
/// When anything is not stored, or does not agree.
pub async fn fill(
    database: &TestDatabase,
    programs: &Programs,
    mix: &Mix,
    facts: usize,
) -> anyhow::Result<()> {
    stage::register(database, &mix.scene.events).await?;
    copy(database, mix, facts).await?;
    run(database, "ANALYZE", "ANALYZE").await?;
    derived::make(database, programs).await?;
    derived::compact(database, programs).await?;
    run(database, "VACUUM ANALYZE", "VACUUM ANALYZE").await?;
    let tenant = mix.scene.events[0].tenant.to_string();
    migration(database, programs, &["verify", "--tenant", &tenant]).await?;
    let facts = i64::try_from(facts)?;
    let (stored, counted) = (
        database.number(STORED).await,
        derived::countable_facts(database).await?,
    );
    ensure!(
        (stored, counted) == (facts, facts),
        "of {facts} facts, {stored} are stored and {counted} are counted"
    );
    Ok(())
}

async fn copy(database: &TestDatabase, mix: &Mix, facts: usize) -> anyhow::Result<()> {
    const WHAT: &str = "making facts";
    let bar = progress::bar(WHAT, facts);
    let watch = Watch::start(Measured::Nobody);
    let mut rows = CopyIn::begin(database, FACTS).await?;
    for fact in mix.of_forms(facts) {
        bar.inc(rows.row(row::line(&fact).as_bytes()).await?);
    }
    rows.finish().await?;
    bar.finish_and_clear();
    progress::ended(WHAT, "facts", &watch.stop(facts));
    Ok(())
}

/// Runs a statement, and prints its duration.
async fn run(database: &TestDatabase, what: &str, statement: &str) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    database.connection.execute_unprepared(statement).await?;
    eprintln!("  {what:36} {:>9.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Runs `analytics-migration`, which prints its progress itself.
async fn migration(
    database: &TestDatabase,
    programs: &Programs,
    arguments: &[&str],
) -> anyhow::Result<()> {
    let command = format!("analytics-migration {}", arguments.join(" "));
    eprintln!("  {}", programs.label(&command));
    let status = Command::new(programs.path("analytics-migration"))
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
