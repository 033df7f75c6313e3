//! Callers that are not trusted can fill neither the disk nor the rollup of an event, and event ids that
//! they invent cost little.

use std::time::{Duration, Instant};

use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    pooler::messages_of_statement,
    proxy::Proxy,
    service::Service,
    world::{NO_RATE_LIMIT, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

/// All clients are behind this proxy, so that a test can have any number of addresses.
const PROXIES: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.0/8");

/// Sends a batch from an address; returns the receipts.
async fn send(api: &Api, address: &str, facts: Vec<Fact>) -> Value {
    let request = api.request("/track/batch", &json!(facts));
    let response = request.header("x-forwarded-for", address).send();
    let response = response.await.expect("a response");
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    response.json().await.unwrap()
}

fn numbered(prefix: &str, event: Uuid, numbers: std::ops::Range<usize>) -> Vec<Fact> {
    numbers
        .map(|number| Fact::view(event).source(format!("{prefix}{number}")))
        .collect()
}

/// The numbers of distinct values of a property of the facts and of a column of the rollup.
async fn distinct(world: &World, property: &str, column: &str) -> (i64, i64) {
    let facts = format!(
        "SELECT COUNT(DISTINCT properties ->> '{property}') FROM analytics_service.analytics_events"
    );
    let rollup = format!(
        "SELECT COUNT(DISTINCT {column}) FROM analytics_service.event_rollup WHERE {column} > ''"
    );
    tokio::join!(
        world.database.number(&facts),
        world.database.number(&rollup)
    )
}

fn verify(world: &World) {
    let verified = world.database.migrate(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

#[tokio::test]
async fn facts_without_a_token_store_no_more_than_the_quota_of_their_event() {
    let world = World::start_with(&[NO_RATE_LIMIT, ("EVENT_QUOTA_MIB_PER_DAY", "1")]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let other = world.publish_event(tenant, None).await;
    let size = "SELECT SUM(pg_total_relation_size(c.oid))::BIGINT FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND (n.nspname = 'analytics_service' OR c.relname LIKE '\\_hyper%')";
    let before = world.database.number(size).await;
    let anonymous = world.write();
    let mut totals = (0, 0);
    for batch in 0..4 {
        let facts = numbered("site", event, batch * 1_000..(batch + 1) * 1_000);
        let receipts = send(&anonymous, "203.0.113.9", facts).await;
        totals.0 += receipts["totals"]["stored"].as_u64().unwrap();
        totals.1 += receipts["totals"]["rejected"].as_u64().unwrap();
    }
    assert!((800..1_024).contains(&totals.0), "{totals:?}");
    assert_eq!(totals.0 + totals.1, 4_000);
    let grown = world.database.number(size).await - before;
    assert!(grown <= 1024 * 1024, "{grown} bytes");

    let response = anonymous.post("/track", &Fact::view(event)).await;
    let wait = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .to_owned();
    let (status, body) = problem(response).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(body["code"], "event_quota_exceeded");
    assert!((1..100).contains(&wait.parse::<u32>().unwrap()), "{wait}");

    // Facts with a token, and those of other events, are stored.
    anonymous.store(&Fact::view(other)).await;
    world
        .write()
        .of_tenant(tenant)
        .store(&Fact::view(event))
        .await;
    verify(&world);
    world.end().await;
}

#[tokio::test]
async fn a_thousand_unknown_events_of_a_request_are_looked_up_by_one_statement() {
    let world = World::start().await;
    let (proxy, through_proxy) = Proxy::before(&world.database.ingest_url).await;
    let settings = [("DATABASE_URL", through_proxy.as_str()), NO_RATE_LIMIT];
    let ingest = Service::start("analytics-ingest", &settings).await;
    let anonymous = Api::at(&ingest.url(""));
    let unknown = || (0..1_000).map(|_| Fact::view(Uuid::now_v7())).collect();
    // Opens the connections that the start left to the first request.
    send(&anonymous, "203.0.113.9", unknown()).await;
    let start = (proxy.statements(), Instant::now());
    let requests = 20;
    for _ in 0..requests {
        send(&anonymous, "203.0.113.9", unknown()).await;
    }
    // Readiness, compaction and write keys are checked every few seconds, at other times than this.
    let background = 10 * (2 + start.1.elapsed().as_secs());
    let statements = (proxy.statements() - start.0) / messages_of_statement();
    assert!(
        (requests..=requests + background).contains(&statements),
        "{statements} statements"
    );
    world.end().await;
}

#[tokio::test]
async fn an_event_that_was_unknown_is_accepted_within_a_second_of_its_publication() {
    let world = World::start_with(&[NO_RATE_LIMIT]).await;
    let event = Uuid::now_v7();
    let anonymous = world.write();
    let view = Fact::view(event);
    assert_ne!(
        anonymous.post("/track", &view).await.status(),
        StatusCode::ACCEPTED
    );
    world.publish_event_as(event, Uuid::now_v7(), None).await;
    let published = Instant::now();
    // Asked all the time, so that it cannot have been forgotten for lack of interest.
    while anonymous.post("/track", &view).await.status() != StatusCode::ACCEPTED {
        assert!(published.elapsed() < Duration::from_secs(2), "not accepted");
    }
    world.end().await;
}

#[tokio::test]
async fn invented_sources_are_bounded_per_day_and_address_and_facts_and_rollup_agree() {
    let world = World::start_with(&[PROXIES, NO_RATE_LIMIT]).await;
    let event = world
        .publish_event(Uuid::now_v7(), Some("Europe/Berlin"))
        .await;
    let (anonymous, service) = (world.write(), world.write().with_role("SERVICE"));
    service.store(&Fact::view(event).source("partner")).await;

    send(&anonymous, "203.0.113.1", numbered("a", event, 0..500)).await;
    // 20 of the address, that of the service, and `other`.
    assert_eq!(distinct(&world, "source", "source").await, (22, 22));
    for address in 0..20 {
        let facts = numbered(&format!("b{address}-"), event, 0..100);
        send(&anonymous, &format!("203.0.113.{address}"), facts).await;
    }
    assert_eq!(distinct(&world, "source", "source").await, (201, 201));

    // Values of trusted callers are kept, also when others send them and also beyond the limit.
    service
        .store(&Fact::view(event).source("late partner"))
        .await;
    assert_eq!(distinct(&world, "source", "source").await, (202, 202));
    let of_source = |source: &str| {
        format!(
            "SELECT COALESCE(SUM(count), 0)::BIGINT FROM analytics_service.event_rollup WHERE source = '{source}'"
        )
    };
    anonymous.store(&Fact::view(event).source("partner")).await;
    world.until(&of_source("partner"), 2).await;
    anonymous.store(&Fact::view(event)).await;
    world.until(&of_source("direct"), 1).await;
    let deadline = Instant::now() + Duration::from_secs(15);
    while world.database.number(&of_source("late partner")).await < 2 {
        assert!(Instant::now() < deadline, "its source stays `other`");
        anonymous
            .store(&Fact::view(event).source("late partner"))
            .await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    // A restart gives no room for more.
    let database = ("DATABASE_URL", world.database.ingest_url.as_str());
    let restarted = Service::start("analytics-ingest", &[database, NO_RATE_LIMIT]).await;
    let (before, _) = distinct(&world, "source", "source").await;
    let facts = numbered("after", event, 0..100);
    send(&Api::at(&restarted.url("")), "203.0.113.77", facts).await;
    assert_eq!(distinct(&world, "source", "source").await, (before, before));

    // Another event, and another day, have their own.
    let other = world.publish_event(Uuid::now_v7(), None).await;
    send(&anonymous, "203.0.113.1", numbered("c", other, 0..100)).await;
    assert_eq!(distinct(&world, "source", "source").await.0, before + 20);
    verify(&world);
    world.end().await;
}

#[tokio::test]
async fn invented_ticket_types_are_bounded_and_lose_their_names() {
    let world = World::start_with(&[NO_RATE_LIMIT]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let caller = world.write().of_tenant(tenant);
    for number in 0..50 {
        let fact = Fact::new("registration.started", event);
        let fact = match number % 2 {
            0 => fact.property("ticketTypeId", format!("t{number}")),
            _ => fact,
        };
        let fact = fact.property("ticketTypeName", format!("Ticket {number}"));
        caller.store(&fact).await;
    }
    let types = "SELECT COUNT(DISTINCT ticket_type) FROM analytics_service.event_rollup";
    assert_eq!(world.database.number(types).await, 21);
    let names = "SELECT COUNT(*) FROM analytics_service.analytics_events
        WHERE properties ->> 'ticketTypeId' = 'other' AND properties ? 'ticketTypeName'";
    assert_eq!(world.database.number(names).await, 0);
    verify(&world);
    world.end().await;
}

#[tokio::test]
async fn custom_event_types_beyond_the_limit_are_422() {
    let world = World::start_with(&[PROXIES, NO_RATE_LIMIT]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let (caller, service) = (
        world.write().of_tenant(tenant),
        world.write().with_role("SERVICE"),
    );
    service.store(&Fact::new("poll.opened", event)).await;
    let invented = |number: usize| Fact::new(&format!("invented.t{number}"), event);
    let receipts = send(&caller, "203.0.113.1", (0..30).map(invented).collect()).await;
    assert_eq!(receipts["totals"]["stored"], 20);
    assert_eq!(receipts["receipts"][29]["error"]["field"], "eventType");
    let request = caller.request("/track", &invented(29));
    let response = request.header("x-forwarded-for", "203.0.113.1").send();
    let (status, body) = problem(response.await.unwrap()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body["errors"][0]["field"], "eventType");
    // Known ones, and those of trusted callers, are accepted.
    let known = vec![
        invented(3),
        Fact::new("poll.opened", event),
        Fact::view(event),
    ];
    let receipts = send(&caller, "203.0.113.1", known).await;
    assert_eq!(receipts["totals"]["stored"], 3);
    world.end().await;
}
