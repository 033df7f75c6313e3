//! The outcome of each export is counted at the end of its file.

use std::time::Duration;

use analytics_shared::clock;
use analytics_tests::{api::Api, scrape::Scrape, world::World};
use chrono::Days;
use reqwest::{Response, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::until_is;

/// More than the buffers of a connection hold.
const FACTS: u32 = 200_000;

/// Requests the facts of a month.
pub async fn export(read: &Api, tenant: Uuid, format: &str) -> Response {
    let today = clock::now().date_naive();
    let period = json!({"organizationId": tenant, "dateFrom": today - Days::new(30), "dateTo": today,
                        "format": format});
    read.post("/export", &period).await
}

async fn store_facts(world: &World, tenant: Uuid, event: Uuid) {
    let facts = format!(
        "INSERT INTO analytics_service.analytics_events
             (id, tenant_id, event_type, event_id, properties, created_at)
         SELECT gen_random_uuid(), '{tenant}', 'page.view', '{event}',
                jsonb_build_object('source', 'newsletter', 'page', '/a/' || n), NOW() - n * INTERVAL '1 second'
         FROM generate_series(1, {FACTS}) n"
    );
    world
        .database
        .connection
        .execute_unprepared(&facts)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_in_flight_until_the_end_of_its_file_and_is_counted_by_its_outcome() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    store_facts(&world, tenant, event).await;
    let read = world.read().of_tenant(tenant);
    let total = |outcome: &str| {
        format!("analytics_query_exports_total{{format=\"csv\",outcome=\"{outcome}\"}}")
    };
    let in_flight = "analytics_query_exports_in_flight{format=\"csv\"}";

    // Two are permitted at once, and wait for their reader.
    let (whole, abandoned) = (
        export(&read, tenant, "csv").await,
        export(&read, tenant, "csv").await,
    );
    until_is(&world.query, in_flight, 2.0).await;
    let rejected = export(&read, tenant, "csv").await;
    assert_eq!(rejected.status(), StatusCode::TOO_MANY_REQUESTS);
    until_is(&world.query, &total("rejected"), 1.0).await;
    sleep(Duration::from_millis(600)).await;
    drop(abandoned);
    until_is(&world.query, &total("cancelled"), 1.0).await;
    assert_eq!(
        Scrape::of(&world.query).await.value(&total("complete")),
        Some(0.0)
    );
    whole.bytes().await.unwrap();
    until_is(&world.query, &total("complete"), 1.0).await;
    until_is(&world.query, in_flight, 0.0).await;

    let scrape = Scrape::of(&world.query).await;
    let duration = |suffix: &str| {
        let series = format!("analytics_query_export_duration_seconds_{suffix}");
        scrape.value(&series)
    };
    assert_eq!(duration("count{format=\"csv\"}"), Some(2.0));
    // Both waited longer than that for their reader.
    assert_eq!(duration("bucket{format=\"csv\",le=\"0.5\"}"), Some(0.0));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_breaks_off_within_its_file_has_failed() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    store_facts(&world, tenant, event).await;
    let file = export(&world.read().of_tenant(tenant), tenant, "ndjson").await;
    assert_eq!(file.status(), StatusCode::OK);
    let ended = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'analytics_query' AND state = 'active'";
    assert!(world.database.number(ended).await >= 1);
    assert!(file.bytes().await.is_err(), "a truncated file is whole");
    let failed = "analytics_query_exports_total{format=\"ndjson\",outcome=\"failed\"}";
    until_is(&world.query, failed, 1.0).await;
    world.end().await;
}
