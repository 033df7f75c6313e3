//! The schema goes up, down and up again, and its retention fits the edition.

use analytics_migration::retention_policy;
use analytics_shared::database::edition::{self, Edition};
use analytics_tests::{database::TestDatabase, stack::Stack};

const TABLES: &str = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'analytics_service'";
const HYPERTABLES: &str = "SELECT COUNT(*) FROM timescaledb_information.hypertables WHERE hypertable_name = 'analytics_events'";

#[tokio::test]
async fn the_schema_goes_up_down_and_up_again() {
    let database = TestDatabase::create_empty(&Stack::from_env()).await;
    for (arguments, tables) in [
        (&["up"][..], 9),
        (&["up"], 9),
        (&["down"], 0),
        (&["up"], 9),
        (&["fresh"], 9),
    ] {
        let output = database.migrate(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(database.number(TABLES).await, tables, "after {arguments:?}");
    }
    assert_eq!(database.number(HYPERTABLES).await, 1);
    let status = database.migrate(&["status"]);
    let text = String::from_utf8(status.stdout).unwrap();
    assert!(
        text.lines().all(|line| line.starts_with("applied")),
        "{text}"
    );
}

#[tokio::test]
async fn a_schema_of_another_first_migration_is_refused_until_it_is_recreated() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    for fingerprint in ["'First migration, SHA-256 0000'", "NULL"] {
        let comment = format!("COMMENT ON SCHEMA analytics_service IS {fingerprint}");
        sea_orm::ConnectionTrait::execute_unprepared(&database.connection, &comment)
            .await
            .unwrap();
        for arguments in [&["up"][..], &["verify"], &["rebuild"]] {
            let output = database.migrate(arguments);
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{arguments:?}");
            assert!(
                error.contains("run `analytics-migration fresh` to recreate the schema"),
                "{arguments:?}: {error}"
            );
        }
        let status = database.migrate(&["status"]);
        let text = String::from_utf8(status.stdout).unwrap();
        assert!(text.starts_with("outdated "), "{text}");
        for arguments in [&["fresh"][..], &["up"], &["verify"]] {
            let output = database.migrate(arguments);
            assert!(
                output.status.success(),
                "{arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

#[tokio::test]
async fn facts_have_exactly_the_columns_and_indexes_of_the_specification() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let columns = database
        .rows("SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_name = 'analytics_events' ORDER BY ordinal_position")
        .await;
    let columns: Vec<String> = columns
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    insta::assert_snapshot!(columns.join("\n"), @r"
    id uuid
    tenant_id uuid
    event_type character varying
    event_id uuid
    user_id uuid
    properties jsonb
    created_at timestamp with time zone
    ");
    let indexes = database
        .rows("SELECT indexdef FROM pg_indexes WHERE schemaname = 'analytics_service' AND tablename = 'analytics_events' ORDER BY indexname")
        .await;
    let indexes: Vec<String> = indexes
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    insta::assert_snapshot!(indexes.join("\n"), @r"
    CREATE UNIQUE INDEX analytics_events_pkey ON analytics_service.analytics_events USING btree (id, created_at)
    CREATE INDEX idx_analytics_event ON analytics_service.analytics_events USING btree (event_id, created_at DESC)
    CREATE INDEX idx_analytics_tenant_type ON analytics_service.analytics_events USING btree (tenant_id, event_type, created_at DESC)
    ");
}

#[tokio::test]
async fn the_licence_of_the_server_decides_who_deletes_old_facts() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let edition = edition::detect(&database.connection).await.unwrap();
    let jobs =
        "SELECT COUNT(*) FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention'";
    let policies = i64::from(retention_policy::statement(edition).is_some());
    assert_eq!(database.number(jobs).await, policies);
    // The statement of the other edition is refused by this server, so the choice matters.
    if edition == Edition::Apache {
        let statement = retention_policy::statement(Edition::Community).unwrap();
        let refused =
            sea_orm::ConnectionTrait::execute_unprepared(&database.connection, statement).await;
        let error = refused.unwrap_err().to_string();
        assert!(
            error.contains("not supported under the current \"apache\" license"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn chunks_older_than_a_year_are_dropped_where_the_database_has_no_policy() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    for age in ["1 day", "364 days", "400 days", "500 days"] {
        let fact = format!(
            "INSERT INTO analytics_service.analytics_events (id, tenant_id, event_type, created_at)
             VALUES (gen_random_uuid(), gen_random_uuid(), 'page.view', NOW() - INTERVAL '{age}')"
        );
        sea_orm::ConnectionTrait::execute_unprepared(&database.connection, &fact)
            .await
            .unwrap();
    }
    if edition::detect(&database.connection).await.unwrap() == Edition::Community {
        // There the policy drops them, which the database runs by itself.
        return;
    }
    let url = [("DATABASE_URL", database.ingest_url.as_str())];
    let mut ingest = analytics_tests::service::Service::start("analytics-ingest", &url).await;
    let facts = "SELECT COUNT(*) FROM analytics_service.analytics_events";
    // Longer than the pause after a run that a reader of all chunks has prevented.
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while database.number(facts).await != 2 {
        assert!(
            std::time::Instant::now() < deadline,
            "old facts are still there: {}",
            ingest.logged()
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(ingest.terminate().await.success());
}
