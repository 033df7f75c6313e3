//! What every way is measured on: a database of its own in which the events are registered.

use anyhow::ensure;

use super::Bench;
pub use crate::bench::stage::ingest;
use crate::{
    bench::stage::{metrics, register},
    database::TestDatabase,
    service::Service,
};

/// A fresh database in which the events are registered.
///
/// # Errors
/// When they cannot be registered.
pub async fn database(bench: &Bench) -> anyhow::Result<TestDatabase> {
    let database = TestDatabase::create(&bench.stack).await;
    register(&database, &bench.mix.scene.events).await?;
    Ok(database)
}

/// Makes sure that so many facts are stored, none less and none twice.
///
/// # Errors
/// When it is another number.
pub async fn ensure_stored(database: &TestDatabase, facts: usize) -> anyhow::Result<()> {
    let count = "SELECT COUNT(*) FROM analytics_service.analytics_events";
    let stored = usize::try_from(database.number(count).await)?;
    ensure!(stored == facts, "{stored} facts are stored, not {facts}");
    Ok(())
}

/// Seconds that a writer of the service has waited for the database so far, on average.
///
/// # Errors
/// When the service does not say.
pub async fn writing(ingest: &Service) -> anyhow::Result<f64> {
    let metrics = metrics(ingest).await?;
    let is_of_writer = |name: &str| name.starts_with("analytics_ingest_queue_depth_rows{");
    let writers = metrics
        .iter()
        .filter(|(name, _)| is_of_writer(name))
        .count();
    let is_sum = |name: &str| name == "analytics_ingest_batch_seconds_sum";
    let sum = metrics.iter().find(|(name, _)| is_sum(name));
    // Before the first batch there is no sum.
    let seconds: f64 = sum.map_or(Ok(0.0), |(_, seconds)| seconds.parse())?;
    Ok(seconds / f64::from(u32::try_from(writers.max(1))?))
}
