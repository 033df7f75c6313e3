//! Bad input is answered with a problem that names the field, stores nothing, and affects no other client.

use analytics_shared::clock;
use analytics_tests::{api::problem, world::World};
use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_bad_fact_is_a_problem_that_names_the_field() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().of_tenant(tenant);
    let now = clock::now();
    let view = json!({"eventType": "page.view", "eventId": event});
    let with = |name: &str, value: Value| {
        let mut fact = view.clone();
        fact[name] = value;
        fact
    };
    for (fact, status, field) in [
        (json!({}), 422, "eventType"),
        (json!([view.clone()]), 422, "body"),
        (json!("page.view"), 422, "body"),
        (json!({"eventType": "page.view"}), 422, "eventId"),
        (with("eventType", json!("page view")), 422, "eventType"),
        (with("eventType", json!("Page.View")), 422, "eventType"),
        (with("eventType", json!("page")), 422, "eventType"),
        (
            with("eventType", json!(format!("page.{}", "v".repeat(100)))),
            422,
            "eventType",
        ),
        (with("eventType", json!(7)), 422, "eventType"),
        (with("eventId", json!("7")), 422, "eventId"),
        (
            with(
                "id",
                json!(Uuid::from_u128(0x1234_5678_1234_4234_8234_1234_5678_1234)),
            ),
            422,
            "id",
        ),
        (with("createdAt", json!("yesterday")), 422, "createdAt"),
        (
            with("createdAt", json!(now + Duration::minutes(6))),
            422,
            "createdAt",
        ),
        (
            with("createdAt", json!(now - Duration::days(367))),
            422,
            "createdAt",
        ),
        (with("properties", json!([])), 422, "properties"),
        (
            with("properties", json!({"blob": "b".repeat(33 * 1024)})),
            422,
            "properties",
        ),
        (
            with("properties", json!({"source": 5})),
            422,
            "properties.source",
        ),
        (
            with("properties", json!({"visitorId": "v\u{0}"})),
            422,
            "properties.visitorId",
        ),
        (with("surprise", json!(true)), 422, "surprise"),
    ] {
        let (answered, body) = problem(write.post("/track", &fact).await).await;
        assert_eq!(answered.as_u16(), status, "{fact}: {body}");
        assert_eq!(body["errors"][0]["field"], field, "{fact}: {body}");
    }
    let payment = json!({"eventType": "payment.completed", "eventId": event,
                         "properties": {"amountCents": 10.5, "currency": "EUR"}});
    let service = world.write().of_service(tenant);
    let (_, body) = problem(service.post("/track", &payment).await).await;
    assert_eq!(body["errors"][0]["field"], "properties.amountCents");

    assert_eq!(
        world
            .database
            .number("SELECT COUNT(*) FROM analytics_service.analytics_events")
            .await,
        0
    );
    write.store(&view).await;
    world.end().await;
}

#[tokio::test]
async fn a_bad_body_is_a_problem_and_the_service_goes_on() {
    let world = World::start().await;
    let track = world.ingest.url("/api/v1/analytics/track");
    let http = reqwest::Client::new();
    let post = |content_type: &str, body: Vec<u8>| {
        http.post(&track)
            .header("content-type", content_type)
            .body(body)
            .send()
    };
    for (content_type, body, status, code) in [
        (
            "application/json",
            b"{\"eventType\": ".to_vec(),
            400,
            "malformed_field",
        ),
        (
            "application/json",
            b"\xff\xfe".to_vec(),
            400,
            "malformed_field",
        ),
        ("application/json", Vec::new(), 400, "malformed_field"),
        (
            "application/json",
            vec![b' '; 1024 * 1024 + 1],
            413,
            "body_too_large",
        ),
        (
            "application/json",
            vec![b'['; 1024 * 1024],
            422,
            "invalid_field",
        ),
        ("text/html", b"{}".to_vec(), 415, "unsupported_media_type"),
        // What a browser's beacon sends is read as JSON.
        ("text/plain", b"{}".to_vec(), 422, "invalid_field"),
    ] {
        let (answered, body) = problem(post(content_type, body).await.unwrap()).await;
        assert_eq!(
            (answered.as_u16(), body["code"].as_str().unwrap()),
            (status, code)
        );
        if matches!(status, 400 | 413) {
            assert_eq!(body["errors"][0]["field"], "body", "{body}");
        }
    }
    // A body without a length is bounded as well.
    let endless =
        futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]));
    let chunked = http.post(&track).header("content-type", "application/json");
    let answer = chunked
        .body(reqwest::Body::wrap_stream(futures_util::StreamExt::take(
            endless, 64,
        )))
        .send()
        .await;
    // The server may hang up before it has read everything.
    if let Ok(answer) = answer {
        assert_eq!(problem(answer).await.0, 413);
    }
    // On a connection of its own: the server has perhaps hung up on the other.
    assert!(
        reqwest::get(world.ingest.management_url("/readyz"))
            .await
            .unwrap()
            .status()
            .is_success()
    );
    world.end().await;
}

#[tokio::test]
async fn a_bad_question_is_a_problem_that_names_the_field() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let read = world.read().of_tenant(tenant);
    for (query, field) in [
        ("dateFrom=2026-13-01", "dateFrom"),
        ("dateTo=tomorrow", "dateTo"),
        ("dateFrom=2026-03-02&dateTo=2026-03-01", "dateFrom"),
        ("dateFrom=2025-01-01&dateTo=2026-01-02", "dateFrom"),
        ("dateFrom=0001-01-01&dateTo=0001-01-02", "dateFrom"),
        ("timezone=Mars/Olympus", "timezone"),
        ("timezone=", "timezone"),
    ] {
        for path in [
            format!("/events/{event}/dashboard"),
            format!("/events/{event}/funnel"),
            format!("/organizations/{tenant}/report"),
        ] {
            let (status, body) = problem(read.get(&format!("{path}?{query}")).await).await;
            assert!(status.is_client_error(), "{path}?{query}: {body}");
            assert_eq!(body["errors"][0]["field"], field, "{path}?{query}: {body}");
        }
    }
    for (query, field) in [
        ("size=0", "size"),
        ("size=101", "size"),
        ("page=-1", "page"),
        ("sort=secrets,desc", "sort"),
        ("sort=totalViews,sideways", "sort"),
    ] {
        let (status, body) = problem(
            read.get(&format!("/organizations/{tenant}/report?{query}"))
                .await,
        )
        .await;
        assert!(
            status.is_client_error() && body["errors"][0]["field"] == field,
            "{query}: {body}"
        );
    }
    let (status, body) = problem(read.get("/events/not-an-id/dashboard").await).await;
    assert_eq!(
        (status.as_u16(), &body["errors"][0]["field"]),
        (400, &json!("eventId"))
    );
    world.end().await;
}

#[tokio::test]
async fn a_bad_export_is_a_problem_that_names_the_field() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let read = world.read().of_tenant(tenant);
    let good = json!({"organizationId": tenant, "dateFrom": "2026-01-01", "dateTo": "2026-01-31", "format": "csv"});
    for (name, value) in [
        ("organizationId", json!("mine")),
        ("organizationId", json!(null)),
        ("dateFrom", json!("2026-02-30")),
        ("dateFrom", json!("2026-02-01")),
        ("dateFrom", json!("2024-01-01")),
        ("format", json!("pdf")),
        ("timezone", json!("Mars/Olympus")),
        ("surprise", json!(1)),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let (status, problem) = problem(read.post("/export", &body).await).await;
        assert!(status.is_client_error(), "{body}: {problem}");
        assert_eq!(problem["errors"][0]["field"], name, "{body}: {problem}");
    }
    world.end().await;
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_on_both_tiers() {
    let world = World::start().await;
    let http = reqwest::Client::new();
    for service in [&world.ingest, &world.query] {
        for path in [
            "/",
            "/api/v1/analytics",
            "/api/v1/analytics/nothing",
            "/..%2f",
        ] {
            let (status, body) = problem(http.get(service.url(path)).send().await.unwrap()).await;
            assert_eq!(
                (status.as_u16(), &body["code"]),
                (404, &json!("unknown_route")),
                "{path}"
            );
        }
        let (status, _) = problem(http.delete(service.url("/docs")).send().await.unwrap()).await;
        assert_eq!(status, 405);
    }
    world.end().await;
}
