//! What every way is measured on: a database of its own in which the events are registered, and a
//! service of its own.

use anyhow::ensure;
use sea_orm::sqlx;
use uuid::Uuid;

use super::Bench;
use crate::{database::TestDatabase, service::Service};

const REGISTER: &str = "INSERT INTO analytics_service.tracked_events
         (event_id, tenant_id, title, timezone, published_at, told_at)
     SELECT event_id, tenant_id, 'A Conference', timezone, NOW(), NOW()
     FROM unnest($1::UUID[], $2::UUID[], $3::TEXT[]) AS event (event_id, tenant_id, timezone)";

/// A fresh database in which the events are registered.
///
/// # Errors
/// When they cannot be registered.
pub async fn database(bench: &Bench) -> anyhow::Result<TestDatabase> {
    let database = TestDatabase::create(&bench.stack).await;
    let events = &bench.mix.scene.events;
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let tenants: Vec<Uuid> = events.iter().map(|event| event.tenant).collect();
    let zones: Vec<&str> = events.iter().map(|event| event.zone).collect();
    let pool = database.connection.get_postgres_connection_pool();
    sqlx::query(REGISTER)
        .bind(ids)
        .bind(tenants)
        .bind(zones)
        .execute(pool)
        .await?;
    Ok(database)
}

/// The write tier on a database, as it is without any settings, for HTTP only.
pub async fn ingest(database: &TestDatabase) -> Service {
    Service::start("analytics-ingest", &[("DATABASE_URL", &database.url)]).await
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

/// Every series of the service, with its value.
///
/// # Errors
/// When the service does not answer.
pub async fn metrics(ingest: &Service) -> anyhow::Result<Vec<(String, String)>> {
    let text = reqwest::get(ingest.url("/metrics")).await?.text().await?;
    let series = text.lines().filter_map(|line| line.rsplit_once(' '));
    Ok(series
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
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
