//! Log lines are flat JSON objects, can be matched with responses and traces, and are few.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    time::{Duration, Instant},
};

use analytics_tests::{
    api::Api,
    collector::{ClientTrace, Collector},
    fact::Fact,
    proxy::{Mode, Proxy},
    service::Service,
    world::{NO_RATE_LIMIT, World},
};
use reqwest::{Client, StatusCode};
use serde_json::{Map, Value};
use uuid::Uuid;

const JSON: (&str, &str) = ("LOG_FORMAT", "json");
/// The fields of every line.
const FIELDS: [&str; 6] = [
    "timestamp",
    "level",
    "service",
    "version",
    "target",
    "message",
];

/// The lines of a service, each a JSON object.
fn lines(service: &Service) -> Vec<Map<String, Value>> {
    let logged = service.logged();
    let lines = logged.lines().map(serde_json::from_str);
    lines
        .map(|line| line.unwrap_or_else(|error| panic!("{error}: {logged}")))
        .collect()
}

/// The lines with a text in their message.
fn with_message(service: &Service, text: &str) -> Vec<Map<String, Value>> {
    let is_wanted = |line: &Map<String, Value>| line["message"].as_str().unwrap().contains(text);
    lines(service).into_iter().filter(is_wanted).collect()
}

/// Starts the read tier with the database of `url` and JSON logs.
async fn start_query(url: &str, more: &[(&str, &str)]) -> Service {
    let environment = [&[("DATABASE_URL", url), JSON, NO_RATE_LIMIT], more].concat();
    Service::start("analytics-query", &environment).await
}

#[tokio::test]
async fn lines_are_flat_objects_with_service_and_version_and_values_of_their_own_types() {
    let mut world = World::start_with(&[JSON]).await;
    world.query = start_query(&world.database.query_url, &[]).await;
    for (service, name) in [
        (&world.ingest, "analytics-ingest"),
        (&world.query, "analytics-query"),
    ] {
        let lines = lines(service);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(lines[0]["message"], format!("starting {name} {version}"));
        for line in &lines {
            for field in FIELDS {
                assert!(line[field].is_string(), "{field}: {line:?}");
            }
            assert_eq!(
                (&line["service"], &line["version"]),
                (&name.into(), &version.into())
            );
            let is_nested = |value: &Value| value.is_object() || value.is_array();
            assert!(!line.values().any(is_nested), "{line:?}");
        }
        let listening = with_message(service, "listening");
        assert!(listening.last().unwrap()["connections"].is_u64());
    }
    world.end().await;
}

#[tokio::test]
async fn the_line_of_a_failed_read_names_the_route_and_the_request() {
    let mut world = World::start().await;
    world.query = start_query(&world.database.query_url, &[]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    world
        .write()
        .of_service(tenant)
        .store(&Fact::view(event))
        .await;
    let read = world.read().of_tenant(tenant);
    // The table is read when the response is built, the function before.
    for (number, broken) in ["TABLE event_rollup", "FUNCTION event_versions"]
        .iter()
        .enumerate()
    {
        let (kind, name) = broken.split_once(' ').unwrap();
        let broken = format!("ALTER {kind} analytics_service.{name} RENAME TO moved_{name}");
        world.database.rows(&broken).await;
        let response = read.get(&format!("/events/{event}/dashboard")).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let problem: Value = response.json().await.unwrap();
        let lines = with_message(&world.query, "read failed");
        assert_eq!(lines.len(), number + 1, "{}", world.query.logged());
        assert_eq!(lines[number]["request_id"], problem["requestId"]);
        assert_eq!(
            lines[number]["route"],
            "/api/v1/analytics/events/{eventId}/dashboard"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn lines_of_a_request_have_the_ids_of_its_trace() {
    let collector = Collector::start().await;
    let environment = [&[JSON][..], &collector.environment()].concat();
    let world = World::start_with(&environment).await;
    let client = ClientTrace::begin();
    let forbidden = Fact::new("checkin.completed", Uuid::now_v7()).registration("r");
    let request = world
        .write()
        .of_tenant(Uuid::now_v7())
        .request("/track", &forbidden);
    let request = request.header("traceparent", client.parent(true));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);

    let spans = collector
        .until(&client.trace, "POST /api/v1/analytics/track")
        .await;
    let [line] = &with_message(&world.ingest, "audited request")[..] else {
        panic!("{}", world.ingest.logged())
    };
    assert_eq!(line["trace_id"], client.trace);
    assert_eq!(line["span_id"], spans[0].id);
    assert_eq!(
        line["request_id"],
        response.headers()["x-request-id"].to_str().unwrap()
    );
    world.end().await;
}

#[tokio::test]
async fn an_outage_of_the_database_is_one_line_for_many_requests() {
    let mut world = World::start().await;
    let (database, url) = Proxy::before(&world.database.query_url).await;
    world.query = start_query(&url, &[]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    database.set(Mode::Cut);
    let read = world.read().of_tenant(tenant);
    for _ in 0..20 {
        let response = read.get(&format!("/events/{event}/dashboard")).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    let unavailable = with_message(&world.query, "the database is unavailable");
    assert_eq!(unavailable.len(), 1, "{}", world.query.logged());
    database.set(Mode::Pass);
    world.end().await;
}

#[tokio::test]
async fn the_log_filter_is_replaced_while_the_service_runs_and_sighup_restores_it() {
    let world = World::start_with(&[JSON]).await;
    let url = world.ingest.management_url("/log-filter");
    let http = Client::new();
    let has_details = |service: &Service| {
        let is_detail = |line: &Map<String, Value>| line["level"] == "TRACE";
        lines(service).iter().any(is_detail)
    };
    let configured = http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(configured.starts_with("info,"), "{configured}");
    assert!(!has_details(&world.ingest));

    // What is not a filter changes nothing.
    for text in ["", "sqlx=loud", &"a=info,".repeat(200)] {
        let response = http.put(&url).body(text.to_owned()).send().await.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{text}"
        );
    }
    assert_eq!(
        http.get(&url).send().await.unwrap().text().await.unwrap(),
        configured
    );

    let response = http.put(&url).body("trace").send().await.unwrap();
    assert_eq!(
        (response.status(), response.text().await.unwrap()),
        (StatusCode::OK, "trace\n".to_owned())
    );
    let deadline = Instant::now() + Duration::from_secs(20);
    while !has_details(&world.ingest) {
        assert!(Instant::now() < deadline, "{}", world.ingest.logged());
        world.publish_event(Uuid::now_v7(), None).await;
    }

    let id = world.ingest.id().to_string();
    let sent = Command::new("kill").args(["-HUP", &id]).status();
    assert!(sent.unwrap().success());
    let restored = "the log filter is that of the configuration";
    while with_message(&world.ingest, restored).is_empty() {
        assert!(Instant::now() < deadline, "{}", world.ingest.logged());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        http.get(&url).send().await.unwrap().text().await.unwrap(),
        configured
    );
    world.end().await;
}

#[tokio::test]
async fn only_clients_on_the_loopback_interface_change_the_log_filter() {
    let world = World::start().await;
    // Stands for another pod, or for the proxy of a service mesh.
    let foreign: SocketAddr = (Ipv4Addr::new(127, 0, 0, 2), 0).into();
    let http = Client::builder()
        .local_address(foreign.ip())
        .build()
        .unwrap();
    for service in [&world.ingest, &world.query] {
        let url = service.management_url("/log-filter");
        for request in [
            http.put(&url).body("trace"),
            http.get(&url),
            http.delete(&url),
        ] {
            assert_eq!(
                request.send().await.unwrap().status(),
                StatusCode::FORBIDDEN
            );
        }
        let probe = http.get(service.management_url("/livez")).send().await;
        assert_eq!(probe.unwrap().status(), StatusCode::OK);
        assert!(
            Api::at(&service.url(""))
                .get("/log-filter")
                .await
                .status()
                .is_client_error()
        );
    }
    world.end().await;
}
