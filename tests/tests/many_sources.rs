//! An event with 200,000 traffic sources has responses of bounded size, whose sums are those of all facts.

use analytics_shared::clock;
use analytics_tests::{
    api::{Api, problem},
    service::Service,
    world::World,
};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

const SOURCES: u64 = 200_000;
/// The largest response.
const MAX_BYTES: usize = 64 * 1024;

/// Stores one view of each source, each by a visitor of its own except the visitor of two sources, as raw facts
/// and in the rollup.
async fn store_views(world: &World, tenant: Uuid, event: Uuid) {
    let facts = format!(
        r"INSERT INTO analytics_service.analytics_events
               (id, tenant_id, event_type, event_id, properties, created_at)
           SELECT gen_random_uuid(), '{tenant}', 'page.view', '{event}',
                  jsonb_build_object('source', 'invented-source-' || n, 'visitorId', 'visitor-' || GREATEST(n, 2)),
                  NOW() - INTERVAL '1 hour'
           FROM generate_series(1, {SOURCES}) n"
    );
    let stored = world.database.connection.execute_unprepared(&facts).await;
    stored.unwrap();
    let counted = world.database.migrate(&["rebuild"]);
    assert!(counted.status.success(), "{counted:?}");
}

/// Returns the body of a response, whose size is bounded.
async fn read_bounded(read: &Api, path: &str) -> Value {
    let response = read.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let body = response.bytes().await.unwrap();
    println!("{path}: {} bytes", body.len());
    assert!(body.len() < MAX_BYTES, "{path}: {} bytes", body.len());
    serde_json::from_slice(&body).unwrap()
}

fn length(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

fn sum(list: &Value, field: &str) -> u64 {
    let entries = list.as_array().unwrap().iter();
    entries.map(|entry| entry[field].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_200_000_sources_has_responses_below_64_kib() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    store_views(&world, tenant, event).await;
    // A process of its own, so that the peak is that of these responses alone.
    let environment = [("DATABASE_URL", world.database.query_url.as_str())];
    let mut query = Service::start("analytics-query", &environment).await;
    let read = Api::at(&query.url("")).of_tenant(tenant);
    let dashboard = format!("/events/{event}/dashboard");

    let first = read_bounded(&read, &dashboard).await;
    assert_eq!(first["totalViews"], SOURCES);
    assert_eq!(first["uniqueViews"], SOURCES - 1);
    assert_eq!(length(&first["bySource"]), 100);
    // The order of equal sources is that of their names.
    assert_eq!(first["bySource"][0]["source"], "invented-source-1");
    assert_eq!(
        first["otherSources"],
        json!({"sources": SOURCES - 100, "views": SOURCES - 100, "uniqueViews": SOURCES - 100,
               "registrations": 0, "checkIns": 0, "convertedVisitors": 0, "conversionRate": 0.0})
    );
    let last = read_bounded(&read, &format!("{dashboard}?page=1999")).await;
    assert_eq!(length(&last["bySource"]), 100);
    assert_eq!(last["bySource"][99]["source"], "invented-source-99999");
    // The visitor of two sources is counted once.
    assert_eq!(last["otherSources"]["uniqueViews"], SOURCES - 101);
    let beyond = read_bounded(&read, &format!("{dashboard}?page=2000")).await;
    assert_eq!(beyond["bySource"], json!([]));
    assert_eq!(beyond["otherSources"]["views"], SOURCES);

    let funnel = format!("/events/{event}/funnel?groupBy=source");
    let funnel = read_bounded(&read, &funnel).await;
    assert_eq!(length(&funnel["groups"]), 50);
    let others = &funnel["otherGroups"];
    assert_eq!(others["groups"], SOURCES - 50);
    let listed = sum(&funnel["groups"], "pageViews");
    assert_eq!(listed + others["pageViews"].as_u64().unwrap(), SOURCES);
    assert_eq!(others["steps"][0]["visitors"], SOURCES - 50);

    let report = format!("/organizations/{tenant}/report?compare=previous");
    let report = read_bounded(&read, &report).await;
    assert_eq!(length(&report["bySource"]), 100);
    assert_eq!(report["otherSources"]["views"], SOURCES - 100);
    let one = read_bounded(&read, &format!("{dashboard}?source=invented-source-7")).await;
    assert_eq!(one["totalViews"], 1);
    assert_eq!(one["otherSources"], Value::Null);
    println!("peak memory: {} MiB", query.peak_memory_kib() / 1024);
    assert!(query.terminate().await.success());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_beyond_the_memory_of_reads_is_422_and_a_shorter_period_is_not() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    store_views(&world, tenant, event).await;
    let environment = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("READ_MEMORY_MIB", "8"),
    ];
    let mut query = Service::start("analytics-query", &environment).await;
    let read = Api::at(&query.url("")).of_tenant(tenant);
    let dashboard = format!("/events/{event}/dashboard");
    let (status, refused) = problem(read.get(&dashboard).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["code"], "read_too_large");
    let last_week = clock::now().date_naive() - chrono::Days::new(7);
    let earlier = read.read(&format!("{dashboard}?dateTo={last_week}")).await;
    assert_eq!(earlier["totalViews"], 0);
    assert!(query.terminate().await.success());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_out_of_bounds_names_its_parameter() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let read = world.read().of_tenant(tenant);
    let report = format!("/organizations/{tenant}/report");
    for (path, field, status) in [
        (format!("/events/{event}/dashboard?size=1001"), "size", 422),
        (format!("/events/{event}/dashboard?page=-1"), "page", 400),
        (format!("/events/{event}/funnel?size=501"), "size", 422),
        (format!("/events/{event}/funnel?size=0"), "size", 422),
        (format!("{report}?sourceSize=1001"), "sourceSize", 422),
        (format!("{report}?sourcePage=x"), "sourcePage", 400),
    ] {
        let (refused, body) = problem(read.get(&path).await).await;
        assert_eq!(refused.as_u16(), status, "{path}");
        assert_eq!(body["errors"][0]["field"], field, "{path}");
    }
    world.end().await;
}
