//! The response to a batch has a receipt for every fact; valid facts are stored if others are rejected.

use std::time::{Duration, Instant};

use analytics_tests::{
    api::problem,
    compression::{ENCODINGS, compressed},
    fact::Fact,
    proxy::{Mode, Proxy},
    response::{BatchReceipts, BatchTotals, Receipt},
    service::Service,
    world::World,
};
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

const FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events";
const MIB: usize = 1024 * 1024;

fn post(service: &Service, path: &str, content_type: &str) -> RequestBuilder {
    reqwest::Client::new()
        .post(service.url(&format!("/api/v1/analytics{path}")))
        .header("content-type", content_type)
}

async fn receipts<T: DeserializeOwned>(request: RequestBuilder) -> T {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn view(event: Uuid) -> Value {
    Fact::view(event).id(Uuid::now_v7()).into()
}

#[tokio::test]
async fn every_fact_has_a_receipt_in_order_and_the_good_ones_are_stored() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let (event, theirs) = (
        world.publish_event(tenant, None).await,
        world.publish_event(stranger, None).await,
    );
    let write = world.write().of_tenant(tenant);
    let known = view(event);
    write.track(&known).await;
    let twice = view(event);
    let mut late = view(event);
    late["createdAt"] = "2001-01-01T00:00:00Z".into();
    let custom = Fact::new("newsletter.opened", theirs);
    let checkin = Fact::new("checkin.completed", event).registration("r");
    let batch = json!([known, twice, twice, late, 7, {"eventType": "page.view"}, custom, checkin,
                       {"eventType": "page.view", "eventId": event, "surprise": 1}, view(event)]);
    let answer = write.post("/track/batch", &batch).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let answer: BatchReceipts = answer.json().await.unwrap();
    let summary = answer.receipts.iter().map(|receipt| {
        let error = receipt.error.as_ref();
        (
            receipt.index.unwrap(),
            receipt.status.as_str(),
            error.map_or("", |error| &error.code),
            error
                .and_then(|error| error.field.as_deref())
                .unwrap_or_default(),
        )
    });
    assert_eq!(
        summary.collect::<Vec<_>>(),
        [
            (0, "duplicate", "", ""),
            (1, "stored", "", ""),
            (2, "duplicate", "", ""),
            (3, "rejected", "invalid_field", "createdAt"),
            (4, "rejected", "invalid_field", "body"),
            (5, "rejected", "invalid_field", "eventId"),
            // About the event of another tenant, it stays in the own one.
            (6, "stored", "", ""),
            (7, "rejected", "missing_role", ""),
            (8, "rejected", "invalid_field", "surprise"),
            (9, "stored", "", ""),
        ]
    );
    let totals = BatchTotals {
        stored: 3,
        duplicate: 2,
        rejected: 5,
        ..BatchTotals::default()
    };
    assert_eq!(answer.totals, totals);
    assert_eq!(answer.receipts[1].id, answer.receipts[2].id);
    assert_eq!(json!(answer.receipts[3].id), late["id"]);
    assert!(!answer.receipts[3].error.as_ref().unwrap().retryable);
    assert_eq!(answer.receipts[4].id, None);
    assert_eq!(world.database.number(FACTS).await, 4);
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, 3);
    world.end().await;
}

#[tokio::test]
async fn one_bad_line_among_five_hundred_is_refused_alone() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let mut lines: Vec<String> = (0..500).map(|_| view(event).to_string()).collect();
    lines[321] = r#"{"eventType": "page.view", "#.to_owned();
    let request = post(&world.ingest, "/track/batch", "application/x-ndjson");
    let answer: BatchReceipts = receipts(request.body(lines.join("\n"))).await;
    let totals = BatchTotals {
        stored: 499,
        rejected: 1,
        ..BatchTotals::default()
    };
    assert_eq!(answer.totals, totals);
    let bad = &answer.receipts[321];
    let code = &bad.error.as_ref().unwrap().code;
    assert_eq!([&bad.status, code], ["rejected", "malformed_field"]);
    assert_eq!(world.database.number(FACTS).await, 499);
    // All were written together, not one by one.
    let metrics = reqwest::get(world.ingest.management_url("/metrics"))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    let commits = metrics
        .lines()
        .find_map(|line| line.strip_prefix("analytics_ingest_batch_rows_count "))
        .unwrap();
    assert!(commits.parse::<u32>().unwrap() <= 5, "{commits} commits");
    world.end().await;
}

#[tokio::test]
async fn a_batch_is_refused_as_a_whole_where_it_is_no_batch() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let fact = view(event).to_string();
    let many = format!("[{}]", vec!["{}"; 1_001].join(","));
    for (content_type, body, status, code) in [
        ("application/json", b"[{}".to_vec(), 400, "malformed_field"),
        ("application/json", fact.into_bytes(), 422, "invalid_field"),
        ("application/json", many.into_bytes(), 422, "invalid_field"),
        (
            "application/x-ndjson",
            b"{}\n".repeat(1_001),
            422,
            "invalid_field",
        ),
        (
            "application/json",
            vec![b' '; 5 * MIB + 1],
            413,
            "body_too_large",
        ),
        (
            "application/xml",
            b"<a/>".to_vec(),
            415,
            "unsupported_media_type",
        ),
    ] {
        let request = post(&world.ingest, "/track/batch", content_type).body(body);
        let (answered, body) = problem(request.send().await.unwrap()).await;
        assert_eq!(
            (answered.as_u16(), body["code"].as_str().unwrap()),
            (status, code)
        );
    }
    let forged = post(&world.ingest, "/track/batch", "application/json").bearer_auth("e30.e30.e30");
    let (status, _) = problem(forged.body("[]").send().await.unwrap()).await;
    assert_eq!(status, 401);
    let empty = post(&world.ingest, "/track/batch", "application/json").body("[]");
    assert_eq!(receipts::<BatchReceipts>(empty).await.receipts, []);
    world.end().await;
}

#[tokio::test]
async fn compressed_bodies_are_taken_on_both_routes() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    for encoding in ENCODINGS {
        let single = compressed(encoding, view(event).to_string().as_bytes()).await;
        let request = post(&world.ingest, "/track", "application/json").body(single);
        let request = request.header("content-encoding", encoding);
        let receipt: Receipt = receipts(request).await;
        assert_eq!(receipt.status, "stored", "{encoding}");

        let lines: Vec<String> = (0..1_000).map(|_| view(event).to_string()).collect();
        let batch = compressed(encoding, lines.join("\n").as_bytes()).await;
        let request = post(&world.ingest, "/track/batch", "application/x-ndjson").body(batch);
        let request = request.header("content-encoding", encoding);
        let answer: BatchReceipts = receipts(request).await;
        assert_eq!(answer.totals.stored, 1_000, "{encoding}");

        let request = post(&world.ingest, "/track", "application/json").body("nonsense");
        let request = request.header("content-encoding", encoding);
        assert_eq!(
            problem(request.send().await.unwrap()).await.0,
            400,
            "{encoding}"
        );
    }
    for encoding in ["compress", "gzip, br"] {
        let request = post(&world.ingest, "/track", "application/json").body("{}");
        let request = request.header("content-encoding", encoding);
        let (status, body) = problem(request.send().await.unwrap()).await;
        assert_eq!(
            (status.as_u16(), &body["code"]),
            (415, &json!("unsupported_encoding"))
        );
    }
    assert_eq!(world.database.number(FACTS).await, 4_004);
    world.end().await;
}

#[tokio::test]
async fn a_decompression_bomb_costs_little_memory() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let zeros = vec![b' '; 256 * MIB];
    // The first fact loads caches, which does not count as growth.
    world.write().store(&view(event)).await;
    let before = world.ingest.memory_kib();
    for encoding in ENCODINGS {
        let bomb = compressed(encoding, &zeros).await;
        assert!(bomb.len() < 4 * MIB, "{encoding}: {} bytes", bomb.len());
        for path in ["/track", "/track/batch"] {
            let request = post(&world.ingest, path, "application/json");
            let request = request.header("content-encoding", encoding);
            // The server may close the connection before it has read everything.
            if let Ok(answer) = request.body(bomb.clone()).send().await {
                assert_eq!(problem(answer).await.0, 413, "{encoding}");
            }
        }
    }
    // Many gzip members that decompress to nothing.
    let nothing = compressed("gzip", b"").await.repeat(500_000);
    let request = post(&world.ingest, "/track/batch", "application/json");
    let request = request.header("content-encoding", "gzip");
    if let Ok(answer) = request.body(nothing).send().await {
        assert_eq!(problem(answer).await.0, 413);
    }
    let grown = world.ingest.memory_kib().saturating_sub(before) / 1024;
    // A body of 5 MiB, a decoder's window of 16 MiB, and free memory that the allocator retains.
    assert!(grown < 64, "{grown} MiB more than before");
    world.write().store(&view(event)).await;
    world.end().await;
}

#[tokio::test]
async fn a_batch_larger_than_the_queue_waits_for_room() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let environment = [
        ("DATABASE_URL", world.database.ingest_url.as_str()),
        ("WRITERS", "1"),
        ("WRITE_BUFFER_MIB", "1"),
        ("BATCH_MAX_ROWS", "200"),
    ];
    let mut narrow = Service::start("analytics-ingest", &environment).await;
    let batch: Value = (0..1_000)
        .map(|_| {
            let mut large = view(event);
            large["properties"] = json!({"note": "x".repeat(3 * 1024)});
            large
        })
        .collect();
    let service = world.write().with_role("SERVICE");
    let request = post(&narrow, "/track/batch", "application/json").json(&batch);
    let request = request.bearer_auth(service.token().unwrap());
    let answer: BatchReceipts = receipts(request).await;
    // On a slow machine, the last facts wait longer than a request does.
    assert_eq!(answer.totals.stored + answer.totals.queued, 1_000);
    let stored = format!(
        "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE event_id = '{event}'"
    );
    world.until(&stored, 1_000).await;
    assert!(narrow.terminate().await.success());
    world.end().await;
}

#[tokio::test]
async fn while_the_database_is_away_the_whole_batch_can_be_sent_again() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let (proxy, through_proxy) = Proxy::before(&world.database.ingest_url).await;
    let environment = [("DATABASE_URL", through_proxy.as_str())];
    let mut ingest = Service::start("analytics-ingest", &environment).await;

    let mut bad = view(event);
    bad["createdAt"] = "yesterday".into();
    let batch = json!([view(event), bad, view(event)]);
    let send = || post(&ingest, "/track/batch", "application/json").json(&batch);
    proxy.set(Mode::Cut);
    let answer = send().send().await.unwrap();
    assert!(answer.headers().contains_key("retry-after"));
    let (status, body) = problem(answer).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["code"], "unavailable");
    let body: BatchReceipts = serde_json::from_value(body).unwrap();
    assert_eq!(body.totals.rejected, 3);
    let receipts = body.receipts.iter();
    let retryable = receipts.map(|receipt| receipt.error.as_ref().unwrap().retryable);
    assert!(retryable.eq([true, false, true]));
    assert_eq!(json!(body.receipts[0].id), batch[0]["id"]);

    proxy.set(Mode::Pass);
    let deadline = Instant::now() + Duration::from_secs(20);
    let answer = loop {
        let answer = send().send().await.unwrap();
        if answer.status() == StatusCode::ACCEPTED {
            break answer.json::<BatchReceipts>().await.unwrap();
        }
        assert!(Instant::now() < deadline, "the database is not found again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    // An attempt whose outcome was unknown may have stored them.
    assert_eq!(answer.totals.stored + answer.totals.duplicate, 2);
    assert_eq!(world.database.number(FACTS).await, 2);
    assert!(ingest.terminate().await.success());
    world.end().await;
}
