//! The cost of an export is bounded: memory, concurrency, and statements after a disconnect.

use std::io::Write as _;

use analytics_shared::clock;
use analytics_tests::{
    api::{Api, problem},
    service::Service,
    transaction::OpenTransaction,
    world::World,
};
use chrono::Duration;
use futures_util::StreamExt;
use reqwest::{Response, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::documents::python;

/// The maximum growth of the process.
const MIB: u64 = 64;
/// The number of facts of a large export: more than a sheet has rows.
const FACTS: u32 = 1_200_000;
/// The number of running export statements.
const RUNNING: &str = "SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'analytics_query'
      AND state <> 'idle' AND query LIKE '%The facts of an export%'";

async fn store_facts(world: &World, tenant: Uuid, event: Uuid, facts: u32) {
    let facts = format!(
        r"INSERT INTO analytics_service.analytics_events
               (id, tenant_id, event_type, event_id, user_id, properties, created_at)
           SELECT gen_random_uuid(), '{tenant}', 'page.view', '{event}', gen_random_uuid(),
                  jsonb_build_object('source', 'newsletter', 'visitorId', 'visitor-' || n, 'page', '/a/' || n),
                  NOW() - n * INTERVAL '1 second'
           FROM generate_series(1, {facts}) n"
    );
    let stored = world.database.connection.execute_unprepared(&facts).await;
    stored.unwrap();
}

fn ask(tenant: Uuid, format: &str) -> Value {
    let today = clock::now().date_naive();
    json!({"organizationId": tenant, "dateFrom": today - Duration::days(40), "dateTo": today,
           "format": format})
}

/// The number of lines that end in these bytes.
fn lines_of(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

async fn begin(read: &Api, tenant: Uuid) -> Response {
    read.post("/export", &ask(tenant, "csv")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_of_1_200_000_facts_has_two_sheets_and_costs_64_mib() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    store_facts(&world, tenant, event, FACTS).await;
    for format in ["ndjson", "csv", "xlsx"] {
        // A new process, so that the peak is that of this export.
        let environment = [("DATABASE_URL", world.database.query_url.as_str())];
        let mut query = Service::start("analytics-query", &environment).await;
        let read = Api::at(&query.url("")).of_tenant(tenant);
        read.read(&format!("/events/{event}/dashboard")).await;
        let idle = query.memory_kib();
        let mut body = ask(tenant, format);
        body["columns"] = json!(["id", "createdAt", "source"]);
        let answer = read.post("/export", &body).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let mut file = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
        let mut body = answer.bytes_stream();
        let mut lines = 0;
        while let Some(piece) = body.next().await {
            let piece = piece.unwrap();
            lines += lines_of(&piece);
            file.write_all(&piece).unwrap();
        }
        let growth = (query.peak_memory_kib() - idle) / 1024;
        println!("{format}: the process grew by {growth} MiB");
        assert!(growth <= MIB, "{format}: the process grew by {growth} MiB");
        let facts = FACTS as usize;
        match format {
            "ndjson" => assert_eq!(lines, facts),
            "csv" => assert_eq!(lines, facts + 1),
            _ => {
                let read = python(&["tests/checks/count_rows.py", file.path().to_str().unwrap()]);
                let rows: Value = serde_json::from_str(&read).unwrap();
                assert_eq!(rows["Facts"], 1_048_576, "with the header: {rows}");
                assert_eq!(rows["Facts 2"], facts - 1_048_575 + 1, "{rows}");
            }
        }
        assert!(query.terminate().await.success());
    }
    world.end().await;
}

#[tokio::test]
async fn an_organization_runs_two_exports_at_once_and_others_are_not_kept_waiting() {
    let world = World::start().await;
    let (tenant, other) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    store_facts(&world, tenant, event, 200_000).await;
    let read = world.read().of_tenant(tenant);
    // Both wait for a client that does not read.
    let running = [begin(&read, tenant).await, begin(&read, tenant).await];
    for answer in &running {
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let refused = begin(&read, tenant).await;
    assert!(
        refused.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u32>()
            .is_ok()
    );
    let (status, refused) = problem(refused).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused["code"], "too_many_exports");
    let answer = begin(&world.read().of_tenant(other), other).await;
    assert_eq!(answer.status(), StatusCode::OK);
    // The end of one export permits another.
    let [first, second] = running;
    let whole = first.bytes().await.unwrap();
    assert_eq!(lines_of(&whole), 200_001);
    assert_eq!(begin(&read, tenant).await.status(), StatusCode::OK);
    drop(second);
    world.end().await;
}

#[tokio::test]
async fn an_export_whose_client_goes_away_leaves_no_statement_running() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    store_facts(&world, tenant, event, 200_000).await;
    let read = world.read().of_tenant(tenant);
    // During the transfer of the file.
    let answer = begin(&read, tenant).await;
    assert_eq!(answer.status(), StatusCode::OK);
    world.until(RUNNING, 1).await;
    drop(answer);
    world.until(RUNNING, 0).await;
    // While the workbook is written, before it is sent.
    let (api, body) = (read.clone(), ask(tenant, "xlsx"));
    let waiting = tokio::spawn(async move { api.post("/export", &body).await.status() });
    world.until(RUNNING, 1).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    world.until(RUNNING, 0).await;
    world.end().await;
}

#[tokio::test]
async fn a_workbook_whose_client_goes_away_counts_as_an_export_while_its_figures_are_read() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    store_facts(&world, tenant, event, 10).await;
    let settings = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("EXPORT_MAX_PER_TENANT", "1"),
    ];
    let mut query = Service::start("analytics-query", &settings).await;
    let read = Api::at(&query.url("")).of_tenant(tenant);
    let today = clock::now().date_naive();
    let workbook =
        json!({"organizationId": tenant, "dateFrom": today, "dateTo": today, "format": "xlsx"});

    let mut transaction = OpenTransaction::begin(&world.database).await;
    transaction
        .execute("LOCK TABLE event_rollup, event_day_versions IN ACCESS EXCLUSIVE MODE")
        .await;
    let request = read.post("/export", &workbook);
    let cancelled = tokio::time::timeout(std::time::Duration::from_secs(1), request).await;
    assert!(cancelled.is_err(), "it waits for the table");
    let (status, refused) = problem(read.post("/export", &workbook).await).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused["code"], "too_many_exports");
    transaction.commit().await;
    // The figures are read, and the export ends.
    while read.post("/export", &workbook).await.status() != StatusCode::OK {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(query.terminate().await.success());
    world.end().await;
}
