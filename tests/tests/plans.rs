//! The cost of storing a fact does not grow with the number of stored facts, and that of a read after a change not with the
//! days that have not changed.

use std::time::Duration;

use analytics_shared::clock;
use analytics_tests::{fact::Fact, transaction::OpenTransaction, world::World};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

const LOOKUPS: &str = "SELECT COALESCE(SUM(idx_scan), 0)::BIGINT FROM pg_stat_user_tables
    WHERE relname = 'lifecycle_ledger'";
/// Rows of growing tables that were read without an index.
const READ_WHOLE: &str = "SELECT SUM(seq_tup_read)::BIGINT FROM pg_stat_user_tables
    WHERE relname IN ('lifecycle_ledger', 'event_rollup', 'event_day_versions')";

#[tokio::test]
async fn whoever_stores_a_fact_looks_up_keys_and_reads_no_table_whole() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for facts in 0..50 {
        if facts == 1 {
            // Statistics of nearly empty tables, which a planner would scan.
            let analyze =
                "ANALYZE analytics_service.lifecycle_ledger, analytics_service.event_rollup";
            world.until_stored(3).await;
            world.database.rows(analyze).await;
        }
        let (registration, now) = (Uuid::now_v7(), clock::now());
        let view = Fact::view(event).visitor(Uuid::now_v7());
        world.write().store(&view).await;
        let created = json!({"registrationId": registration, "eventId": event,
                             "tenantId": tenant, "userId": Uuid::now_v7(), "occurredAt": now});
        world.broker.publish("registration.created", &created).await;
        let payment = json!({"paymentId": Uuid::now_v7(), "registrationId": registration,
                             "amountCents": 100, "currency": "EUR", "occurredAt": now});
        world.broker.publish("payment.completed", &payment).await;
    }
    world.until_stored(150).await;
    // Backends report their statistics when they are idle.
    world
        .until(&format!("SELECT (({LOOKUPS}) >= 150)::INT::BIGINT"), 1)
        .await;
    // Maintenance reads some at its start; a look-up without an index for each fact would read thousands.
    let read = world.database.number(READ_WHOLE).await;
    assert!(read < 500, "{read} rows");
    world.end().await;
}

/// Scans of the rollup, and the rows that they read.
const SCANS: &str = "SELECT SUM(seq_scan + idx_scan)::BIGINT FROM pg_stat_user_tables WHERE relname = 'event_rollup'";
const READ: &str = "SELECT SUM(seq_tup_read + idx_tup_fetch)::BIGINT FROM pg_stat_user_tables
    WHERE relname = 'event_rollup'";

/// Reads the dashboard; returns the rows of the rollup that this reads.
async fn rows_read(world: &World, tenant: Uuid, event: Uuid) -> i64 {
    let (scans, rows) = (
        world.database.number(SCANS).await,
        world.database.number(READ).await,
    );
    world.dashboard(tenant, event, "").await;
    // Backends report their statistics when they are idle.
    world
        .until(&format!("SELECT (({SCANS}) > {scans})::INT::BIGINT"), 1)
        .await;
    world.database.number(READ).await - rows
}

/// Days with facts of an event.
const DAYS: i64 = 50;
/// Traffic sources of the facts of each day.
const SOURCES: i64 = 20;

/// Stores facts of one event with a row of the rollup for each of [`SOURCES`] on each of [`DAYS`]. Ingest has ended, and
/// the query tier has read nothing. Returns the tenant and the event.
async fn world_with_rows() -> (World, Uuid, Uuid) {
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let day = |days| clock::now() - chrono::Duration::days(days);
    let view = |days, source| Fact::view(event).at(day(days)).source(format!("s{source}"));
    let facts = (0..DAYS).flat_map(|days| (0..SOURCES).map(move |source| (days, source)));
    let facts: Vec<Value> = facts
        .map(|(days, source)| Value::clone(&view(days, source)))
        .collect();
    let answer = world
        .write()
        .of_service(tenant)
        .post("/track/batch", &json!(facts))
        .await;
    assert_eq!(answer.status(), 202);
    world.until_stored(DAYS * SOURCES).await;
    // Its maintenance reads as well, which its connections report at their end.
    assert!(world.ingest.terminate().await.success());
    let ended = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND usename LIKE '%\\_ingest'";
    world.until(ended, 0).await;
    // The planner would scan a table that holds a single event.
    let others = "INSERT INTO analytics_service.event_rollup
            SELECT (jsonb_populate_record(rollup, jsonb_build_object('event_id', gen_random_uuid()))).*
            FROM analytics_service.event_rollup rollup, generate_series(1, 20);
        ANALYZE analytics_service.event_rollup, analytics_service.event_day_versions;
        SELECT pg_stat_force_next_flush()";
    let filled = world.database.connection.execute_unprepared(others).await;
    filled.unwrap();
    (world, tenant, event)
}

#[tokio::test]
async fn a_read_after_a_change_reads_the_rows_of_the_changed_day_alone() {
    let (mut world, tenant, event) = world_with_rows().await;
    assert!(rows_read(&world, tenant, event).await >= DAYS * SOURCES);
    let change = "UPDATE analytics_service.event_day_versions SET changed_at = changed_at + INTERVAL '1 second'
                  WHERE day = (SELECT MAX(day) FROM analytics_service.event_day_versions)";
    world.database.rows(change).await;
    assert_eq!(rows_read(&world, tenant, event).await, SOURCES);
    assert!(world.query.terminate().await.success());
}

#[tokio::test]
async fn requests_that_arrive_at_once_read_an_event_that_is_not_cached_once() {
    let (mut world, tenant, event) = world_with_rows().await;
    let before = world.database.number(READ).await;
    let api = world.read().of_tenant(tenant);
    let [dashboard, funnel] =
        ["dashboard", "funnel"].map(|figure| format!("/events/{event}/{figure}"));
    // Neither is read before the other has arrived.
    let mut lock = OpenTransaction::begin(&world.database).await;
    lock.execute("LOCK TABLE event_rollup IN ACCESS EXCLUSIVE MODE")
        .await;
    let unlocking = async {
        world.database.until_locked_out("The days of events").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        lock.commit().await;
    };
    let requests = async { tokio::join!(api.read(&dashboard), api.read(&funnel)) };
    let ((dashboard, funnel), ()) = tokio::join!(requests, unlocking);
    assert_eq!(dashboard["totalViews"], funnel["pageViews"]);
    // Backends report their statistics at their end.
    assert!(world.query.terminate().await.success());
    let connected = "SELECT COUNT(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND usename LIKE '%\\_query'";
    world.until(connected, 0).await;
    assert_eq!(world.database.number(READ).await - before, DAYS * SOURCES);
}
