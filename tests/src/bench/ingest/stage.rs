//! The databases of the transports, and the check of their contents.

use anyhow::ensure;

use super::Bench;
pub use crate::bench::stage::{ingest, start};
use crate::{
    bench::{programs::Programs, stage},
    database::TestDatabase,
};

/// Creates a database with the schema of `programs` in which the events are registered.
///
/// # Errors
/// When the migration or the registration fails.
pub async fn database(bench: &Bench, programs: &Programs) -> anyhow::Result<TestDatabase> {
    stage::database(&bench.database_url, programs, &bench.mix.scene.events).await
}

/// Checks that exactly this number of facts is stored.
///
/// # Errors
/// When it is another number.
pub async fn ensure_stored(database: &TestDatabase, facts: usize) -> anyhow::Result<()> {
    let count = "SELECT COUNT(*) FROM analytics_service.analytics_events";
    let stored = usize::try_from(database.number(count).await)?;
    ensure!(stored == facts, "{stored} facts are stored, not {facts}");
    Ok(())
}
