//! Each tier may do what it has to, and nothing else.

use analytics_shared::{
    config::DatabaseConfig,
    database::{TierRole, connect},
};
use analytics_tests::{database::TestDatabase, stack::Stack};
use sea_orm::{ConnectionTrait, DatabaseConnection};

async fn acting_as(role: TierRole, database: &TestDatabase) -> DatabaseConnection {
    let config = DatabaseConfig {
        database_url: database.url.parse().unwrap(),
        database_ca_file: None,
        database_max_connections: 3,
        database_statement_timeout_seconds: 5,
    };
    connect(&config, role).await.unwrap()
}

async fn refused(connection: &DatabaseConnection, sql: &str) {
    let error = connection
        .execute_unprepared(sql)
        .await
        .expect_err(sql)
        .to_string();
    let known = [
        "permission denied",
        "must be owner",
        "read-only transaction",
    ];
    assert!(
        known.iter().any(|reason| error.contains(reason)),
        "{sql}: {error}"
    );
}

#[tokio::test]
async fn the_read_tier_cannot_write() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let query = acting_as(TierRole::Query, &database).await;
    for table in [
        "analytics_events",
        "event_rollup",
        "event_day_versions",
        "tracked_events",
    ] {
        query
            .execute_unprepared(&format!("SELECT FROM {table}"))
            .await
            .unwrap();
        refused(&query, &format!("DELETE FROM {table}")).await;
        refused(
            &query,
            &format!("SET transaction_read_only = off; DELETE FROM {table}"),
        )
        .await;
    }
    refused(&query, "CREATE TABLE analytics_service.mine (id INT)").await;
    refused(&query, "SELECT salt FROM visitor_salts").await;
    refused(&query, "SELECT id FROM write_keys").await;
}

#[tokio::test]
async fn the_write_tier_cannot_change_the_schema_or_delete_facts() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let ingest = acting_as(TierRole::Ingest, &database).await;
    refused(&ingest, "DELETE FROM analytics_events").await;
    refused(&ingest, "UPDATE analytics_events SET user_id = NULL").await;
    refused(&ingest, "UPDATE visitor_salts SET salt = salt").await;
    refused(&ingest, "DELETE FROM lifecycle_ledger").await;
    refused(&ingest, "DELETE FROM write_keys").await;
    refused(&ingest, "UPDATE write_keys SET tenant_id = tenant_id").await;
    refused(&ingest, "DROP TABLE analytics_events").await;
    refused(
        &ingest,
        "SELECT drop_chunks('analytics_service.analytics_events', INTERVAL '1 day')",
    )
    .await;
    refused(&ingest, "ALTER TABLE event_rollup ADD COLUMN mine INT").await;
    refused(&ingest, "CREATE TABLE analytics_service.mine (id INT)").await;
}
