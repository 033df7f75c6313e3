//! Facts of browsers are accepted without a token, facts of bots are not counted, and visitors are told
//! apart without being known.

use analytics_shared::{auth::Caller, clock};
use analytics_tests::{api::problem, fact::Fact, service::Service, world::World};
use chrono::Days;
use reqwest::{Method, RequestBuilder, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";
const VISITORS: &str =
    "SELECT COUNT(DISTINCT properties ->> 'visitorId') FROM analytics_service.analytics_events";

fn track(service: &Service, headers: &[(&str, &str)], event: Uuid) -> RequestBuilder {
    let mut request = reqwest::Client::new()
        .post(service.url("/api/v1/analytics/track"))
        .json(&Fact::view(event));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
}

async fn status_of(request: RequestBuilder) -> String {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    let receipt: Value = serde_json::from_str(&body).unwrap();
    receipt["status"].as_str().unwrap().to_owned()
}

async fn another_ingest(world: &World, environment: &[(&str, &str)]) -> Service {
    let database = ("DATABASE_URL", world.database.ingest_url.as_str());
    let environment = [&[database], environment].concat();
    Service::start("analytics-ingest", &environment).await
}

#[tokio::test]
async fn robots_and_prefetches_are_stored_and_counted_nowhere() {
    let world = World::start_with(&[("WRITE_ROLES", "ORGANIZER")]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let ingest = &world.ingest;
    for headers in [
        [("user-agent", GOOGLEBOT)],
        [("sec-purpose", "prefetch;prerender")],
        [("purpose", "prefetch")],
        [("x-moz", "prefetch")],
    ] {
        assert_eq!(
            status_of(track(ingest, &headers, event)).await,
            "flagged",
            "{headers:?}"
        );
    }
    // People, programs without a name, and apps written with a library.
    for headers in [
        &[("user-agent", FIREFOX)][..],
        &[],
        &[("user-agent", "okhttp/4.12.0")],
    ] {
        assert_eq!(status_of(track(ingest, headers, event)).await, "stored");
    }
    // A service speaks for browsers that are not its own, and may say that one is a robot.
    let service = world.write().with_role("SERVICE");
    let named = track(ingest, &[("user-agent", GOOGLEBOT)], event);
    let named = named.bearer_auth(service.token().unwrap());
    assert_eq!(status_of(named).await, "stored");
    let declared = Fact::view(event).property("robot", true);
    assert_eq!(service.track(&declared).await.status, "flagged");
    // A registration is never classified as a bot's.
    let registration = Fact::new("registration.completed", event).registration("r1");
    let owner = world.write().with(&Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: vec!["ORGANIZER".to_owned()],
    });
    let told = track(ingest, &[("user-agent", GOOGLEBOT)], event)
        .json(&registration)
        .bearer_auth(owner.token().unwrap());
    assert_eq!(status_of(told).await, "stored");
    let batch = reqwest::Client::new()
        .post(ingest.url("/api/v1/analytics/track/batch"))
        .header("user-agent", GOOGLEBOT)
        .json(&json!([{"eventType": "page.view", "eventId": event}]));
    let answer: Value = batch.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["totals"]["flagged"], 1, "{answer}");

    // From the rollup, and from the facts themselves in another zone.
    let today = clock::now().date_naive();
    let (yesterday, tomorrow) = (today - Days::new(1), today + Days::new(1));
    for zone in ["UTC", "Pacific/Kiritimati"] {
        let query = format!("?dateFrom={yesterday}&dateTo={tomorrow}&timezone={zone}");
        let dashboard = world.dashboard(tenant, event, &query).await;
        assert_eq!(dashboard.total_views, 4, "{zone}");
        assert_eq!(dashboard.total_registrations, 1, "{zone}");
    }
    let robots = "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE properties @> '{\"robot\": true}'";
    assert_eq!(world.database.number(robots).await, 6);
    let metrics = reqwest::get(ingest.management_url("/metrics"))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        "analytics_ingest_flagged_total{reason=\"bot\"} 2",
        "analytics_ingest_flagged_total{reason=\"prefetch\"} 3",
        "analytics_ingest_flagged_total{reason=\"declared\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}:\n{metrics}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_beacon_is_taken_on_both_routes() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let fact = Fact::view(event);
    for (path, body) in [("/track", json!(fact)), ("/track/batch", json!([fact]))] {
        let beacon = reqwest::Client::new()
            .post(world.ingest.url(&format!("/api/v1/analytics{path}")))
            .header("content-type", "text/plain;charset=UTF-8")
            .header("origin", "https://anywhere.example")
            .body(body.to_string());
        assert_eq!(
            beacon.send().await.unwrap().status(),
            StatusCode::ACCEPTED,
            "{path}"
        );
    }
    world.until_stored(2).await;
    world.end().await;
}

#[tokio::test]
async fn pages_of_configured_origins_may_read_our_answers() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let origins = [(
        "CORS_ALLOWED_ORIGINS",
        "https://tickets.example, http://localhost:3000",
    )];
    let mut ingest = another_ingest(&world, &origins).await;
    let ask = |origin: &str, path: &str| {
        reqwest::Client::new()
            .request(Method::OPTIONS, ingest.url(path))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .send()
    };
    for path in ["/api/v1/analytics/track", "/api/v1/analytics/track/batch"] {
        let answer = ask("https://tickets.example", path).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let header = |name: &str| answer.headers()[name].to_str().unwrap();
        assert_eq!(
            header("access-control-allow-origin"),
            "https://tickets.example"
        );
        assert_eq!(header("access-control-allow-methods"), "POST");
        assert!(header("access-control-allow-headers").contains("content-type"));
        assert_eq!(header("vary"), "Origin");
        let (status, body) = problem(ask("https://evil.example", path).await.unwrap()).await;
        assert_eq!(
            (status.as_u16(), &body["code"]),
            (403, &json!("unknown_origin"))
        );
    }
    for (origin, allowed) in [
        ("http://localhost:3000", Some("http://localhost:3000")),
        ("https://evil.example", None),
    ] {
        let request = track(&ingest, &[("origin", origin)], event);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let told = answer.headers().get("access-control-allow-origin");
        assert_eq!(told.map(|value| value.to_str().unwrap()), allowed);
    }
    // A failure can be read as well.
    let bad = track(&ingest, &[("origin", "http://localhost:3000")], event).body("{");
    let answer = bad.send().await.unwrap();
    assert!(answer.status().is_client_error());
    assert!(answer.headers().contains_key("access-control-allow-origin"));
    assert!(ingest.terminate().await.success());
    world.end().await;
}

#[tokio::test]
async fn visitors_are_told_apart_for_a_day_without_a_cookie() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    // A salt of long ago is destroyed when the next is made.
    world
        .database
        .connection
        .execute_unprepared(
            "INSERT INTO analytics_service.visitor_salts VALUES
                (CURRENT_DATE - 2, decode(repeat('00', 32), 'hex')),
                (CURRENT_DATE - 1, decode(repeat('01', 32), 'hex'))",
        )
        .await
        .unwrap();
    let mut replica = another_ingest(&world, &[]).await;
    for (service, agent) in [
        (&world.ingest, FIREFOX),
        (&world.ingest, FIREFOX),
        (&replica, FIREFOX),
        (&replica, SAFARI),
    ] {
        status_of(track(service, &[("user-agent", agent)], event)).await;
    }
    // What they would not have wanted is not done, and the view counts all the same.
    for header in [("sec-gpc", "1"), ("dnt", "1")] {
        status_of(track(&replica, &[("user-agent", SAFARI), header], event)).await;
    }
    status_of(track(&replica, &[("dnt", "0"), ("user-agent", "")], event)).await;
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.views(), [7, 3]);
    // Who is known needs no such name, and a service's client is not the visitor.
    let write = world.write();
    let view = Fact::view(event);
    write.of_user(tenant, Uuid::now_v7()).track(&view).await;
    write.with_role("SERVICE").track(&view).await;
    assert_eq!(world.database.number(VISITORS).await, 3);
    assert_eq!(world.dashboard(tenant, event, "").await.unique_views, 4);

    let days = world
        .database
        .rows("SELECT day FROM analytics_service.visitor_salts ORDER BY day")
        .await;
    let days: Vec<chrono::NaiveDate> = days
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    let today = clock::now().date_naive();
    assert_eq!(days, [today - Days::new(1), today]);

    // Nothing that leads to a person is stored or logged.
    let stored = world
        .database
        .rows("SELECT string_agg(events::TEXT, ' ') FROM analytics_service.analytics_events events")
        .await;
    let stored: String = stored[0].try_get_by_index(0).unwrap();
    for text in [stored, world.ingest.logged(), replica.logged()] {
        for secret in ["Firefox", "Safari", "127.0.0.1:"] {
            let listening = text.lines().filter(|line| !line.contains("listening"));
            assert!(
                !listening.into_iter().any(|line| line.contains(secret)),
                "{secret}: {text}"
            );
        }
    }
    assert!(replica.terminate().await.success());
    world.end().await;
}

#[tokio::test]
async fn only_our_own_proxies_are_believed_for_whom_they_ask() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let networks = [("TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8")];
    let mut behind_proxy = another_ingest(&world, &networks).await;
    for (service, forwarded, visitors) in [
        // Nobody is trusted: whatever the header says, it is one visitor.
        (&world.ingest, "203.0.113.1", 1),
        (&world.ingest, "203.0.113.2", 1),
        // The proxies are trusted, what a client writes before them is not.
        (&behind_proxy, "203.0.113.1", 2),
        (&behind_proxy, "6.6.6.6, 203.0.113.1, 10.0.0.7", 2),
        (&behind_proxy, "203.0.113.2", 3),
    ] {
        let headers = [("x-forwarded-for", forwarded), ("user-agent", FIREFOX)];
        status_of(track(service, &headers, event)).await;
        assert_eq!(
            world.database.number(VISITORS).await,
            visitors,
            "{forwarded}"
        );
    }
    let seen = "SELECT COUNT(*) FROM analytics_service.analytics_events events WHERE events::TEXT LIKE '%203.0%'";
    assert_eq!(world.database.number(seen).await, 0);
    assert!(behind_proxy.terminate().await.success());
    world.end().await;
}
