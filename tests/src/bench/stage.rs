//! The databases and services that are measured: services run with their default settings, but for the
//! rate limit of addresses, because all clients have one.

use anyhow::ensure;
use sea_orm::sqlx;
use uuid::Uuid;

use super::{mix::Event, programs::Programs};
use crate::{database::TestDatabase, service::Service, world::NO_RATE_LIMIT};

/// Columns of the event registry that only some versions of the schema have, with their values.
const OPTIONAL_COLUMNS: [(&str, &str); 3] = [
    ("told_at", "NOW()"),
    ("source_updated_at", "NOW()"),
    ("rollup_timezone", "timezone"),
];
const REGISTRY_COLUMNS: &str = "SELECT column_name::TEXT FROM information_schema.columns
     WHERE table_schema = 'analytics_service' AND table_name = 'tracked_events'";

/// Creates a database with the schema of `programs` in which the events are registered.
///
/// # Errors
/// When the migration or the registration fails.
pub async fn database(
    server_url: &str,
    programs: &Programs,
    events: &[Event],
) -> anyhow::Result<TestDatabase> {
    let name = format!("test_{}", Uuid::now_v7().simple());
    let database = TestDatabase::create_named(server_url, name).await;
    migrate(&database, programs)?;
    register(&database, events).await?;
    Ok(database)
}

/// Creates the schema of `programs`.
///
/// # Errors
/// When the migration fails.
pub fn migrate(database: &TestDatabase, programs: &Programs) -> anyhow::Result<()> {
    let output = database.migrate_by(&programs.path("analytics-migration"), &["up"]);
    ensure!(
        output.status.success(),
        "the migration failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Registers the events. They start on the day before, so that there are check-ins on that day.
///
/// # Errors
/// When the database rejects a statement.
pub async fn register(database: &TestDatabase, events: &[Event]) -> anyhow::Result<()> {
    let pool = database.connection.get_postgres_connection_pool();
    let existing: Vec<String> = sqlx::query_scalar(REGISTRY_COLUMNS).fetch_all(pool).await?;
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let tenants: Vec<Uuid> = events.iter().map(|event| event.tenant).collect();
    let zones: Vec<&str> = events.iter().map(|event| event.zone).collect();
    sqlx::query(sqlx::AssertSqlSafe(registration(&existing)))
        .bind(ids)
        .bind(tenants)
        .bind(zones)
        .execute(pool)
        .await?;
    Ok(())
}

/// Whether the schema has a table.
///
/// # Panics
/// When the database does not respond.
pub async fn has_table(database: &TestDatabase, table: &str) -> bool {
    let name = format!("analytics_service.{table}");
    let exists = format!("SELECT (to_regclass('{name}') IS NOT NULL)::INT::BIGINT");
    database.number(&exists).await == 1
}

/// The statement that registers events in a registry with these columns.
fn registration(existing: &[String]) -> String {
    let optional = OPTIONAL_COLUMNS
        .iter()
        .filter(|(name, _)| existing.iter().any(|column| column == name));
    let (mut names, mut values) = (String::new(), String::new());
    for (name, value) in optional {
        names = format!("{names}, {name}");
        values = format!("{values}, {value}");
    }
    format!(
        "INSERT INTO analytics_service.tracked_events
             (event_id, tenant_id, title, timezone, starts_at, published_at{names})
         SELECT event_id, tenant_id, 'A Conference', timezone, NOW() - INTERVAL '1 day', NOW(){values}
         FROM unnest($1::UUID[], $2::UUID[], $3::TEXT[]) AS event (event_id, tenant_id, timezone)"
    )
}

/// Starts the write tier on a database, without RabbitMQ.
pub async fn ingest(database: &TestDatabase, programs: &Programs) -> Service {
    start("analytics-ingest", database, programs, &[]).await
}

/// Starts the read tier on a database, with enough disk for a workbook of a million facts.
pub async fn query(database: &TestDatabase, programs: &Programs) -> Service {
    let settings = [
        ("EXPORT_DISK_PER_TENANT_MIB", "4096"),
        ("EXPORT_DISK_MIB", "8192"),
    ];
    start("analytics-query", database, programs, &settings).await
}

/// Starts a service of `programs` on a database with more settings.
pub async fn start(
    name: &'static str,
    database: &TestDatabase,
    programs: &Programs,
    settings: &[(&str, &str)],
) -> Service {
    let url = match name {
        "analytics-query" => &database.query_url,
        _ => &database.ingest_url,
    };
    let mut environment = vec![("DATABASE_URL", url.as_str()), NO_RATE_LIMIT];
    environment.extend_from_slice(settings);
    Service::start_program(&programs.path(name), name, &environment).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_that_the_registry_has_are_written() {
        let statement = registration(&["event_id".to_owned(), "told_at".to_owned()]);
        assert!(statement.contains("published_at, told_at)"), "{statement}");
        assert!(!statement.contains("rollup_timezone"), "{statement}");
        let statement = registration(&[]);
        assert!(statement.contains("published_at)"), "{statement}");
    }
}
