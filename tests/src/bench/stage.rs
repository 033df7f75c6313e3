//! What is measured: services of their own, as they are without any settings, and what they say of
//! themselves.

use sea_orm::sqlx;
use uuid::Uuid;

use super::mix::Event;
use crate::{database::TestDatabase, service::Service};

/// They begin on the day before: so there are check-ins on that day.
const REGISTER: &str = "INSERT INTO analytics_service.tracked_events
         (event_id, tenant_id, title, timezone, starts_at, published_at, told_at)
     SELECT event_id, tenant_id, 'A Conference', timezone, NOW() - INTERVAL '1 day', NOW(), NOW()
     FROM unnest($1::UUID[], $2::UUID[], $3::TEXT[]) AS event (event_id, tenant_id, timezone)";

/// Registers the events.
///
/// # Errors
/// When they cannot be registered.
pub async fn register(database: &TestDatabase, events: &[Event]) -> anyhow::Result<()> {
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
    Ok(())
}

/// The write tier on a database, for HTTP only.
pub async fn ingest(database: &TestDatabase) -> Service {
    Service::start("analytics-ingest", &[("DATABASE_URL", &database.url)]).await
}

/// The read tier on a database.
pub async fn query(database: &TestDatabase) -> Service {
    Service::start("analytics-query", &[("DATABASE_URL", &database.url)]).await
}

/// Every series of a service, with its value.
///
/// # Errors
/// When the service does not answer.
pub async fn metrics(service: &Service) -> anyhow::Result<Vec<(String, String)>> {
    let text = reqwest::get(service.url("/metrics")).await?.text().await?;
    let series = text.lines().filter_map(|line| line.rsplit_once(' '));
    Ok(series
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}
