//! Traces are off by default, bounded, and never in the way.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use analytics_tests::{
    collector::{ClientTrace, Collector},
    fact::Fact,
    service::{Service, free_address},
    world::World,
};
use reqwest::Response;
use tokio::time::sleep;
use uuid::Uuid;

/// The documented maximum of traces per second and process.
const TRACES_PER_SECOND: usize = 100;
/// The log line about a collector that does not respond.
const NOT_EXPORTED: &str = "traces are not exported";

/// Requests the document of the API in a trace.
async fn request(service: &Service, headers: &[(&str, &str)]) -> Response {
    let mut request = reqwest::Client::new().get(service.url("/openapi.yaml"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn without_an_endpoint_nothing_is_exported() {
    let collector = Collector::start().await;
    let traces = format!("{}/v1/traces", collector.url);
    // Neither the endpoint of a single signal nor another setting switches traces on.
    let environment = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces.as_str()),
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("LOG_FORMAT", "json"),
    ];
    let world = World::start_with(&environment).await;
    let client = ClientTrace::begin();
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let fact = world.write().request("/track", &Fact::view(event));
    let fact = fact.header("traceparent", client.parent(true)).send().await;
    assert_eq!(fact.unwrap().status(), 202);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(collector.requests(), 0);
    assert!(!world.ingest.logged().contains("trace_id"));
    world.end().await;
}

#[tokio::test]
async fn a_collector_that_is_away_costs_one_log_line_and_no_request() {
    let address = free_address();
    let url = format!("http://{address}");
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ];
    let mut world = World::start_with(&environment).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().of_service(tenant);
    for _ in 0..20 {
        write.store(&Fact::view(event)).await;
        sleep(Duration::from_millis(100)).await;
    }
    let lines = |text: &str| world.ingest.logged().matches(text).count();
    assert_eq!(lines(NOT_EXPORTED), 1, "{}", world.ingest.logged());

    let collector = Collector::start_at(address).await;
    let client = ClientTrace::begin();
    request(&world.ingest, &[("traceparent", &client.parent(true))]).await;
    collector.until(&client.trace, "GET /openapi.yaml").await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while lines("traces are exported again") == 0 {
        assert!(Instant::now() < deadline, "{}", world.ingest.logged());
        sleep(Duration::from_millis(20)).await;
    }
    // The last spans are exported before the exit.
    let last = ClientTrace::begin();
    request(&world.ingest, &[("traceparent", &last.parent(true))]).await;
    assert!(world.ingest.terminate().await.success());
    assert_eq!(collector.trace(&last.trace).len(), 1);
}

#[tokio::test]
async fn a_service_whose_collector_does_not_respond_stops_in_time() {
    // Accepts connections and responds to none.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut world = World::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]).await;
    request(&world.ingest, &[]).await;
    let stopping = Instant::now();
    assert!(world.ingest.terminate().await.success());
    let took = stopping.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[tokio::test]
async fn a_client_can_have_a_bounded_number_of_traces_exported_and_no_large_state() {
    let collector = Collector::start().await;
    let mut environment = collector.environment().to_vec();
    // The queue holds all spans of the test.
    environment.push(("OTEL_BSP_MAX_QUEUE_SIZE", "20000"));
    let world = World::start_with(&environment).await;
    let large = format!("vendor={}", "x".repeat(600));
    let started = Instant::now();
    let mut traces = HashSet::new();
    for _ in 0..40 {
        let clients: Vec<_> = (0..25).map(|_| ClientTrace::begin()).collect();
        let headers: Vec<_> = clients.iter().map(|client| client.parent(true)).collect();
        let requests = headers.iter().map(|parent| {
            let headers = [("traceparent", parent.as_str()), ("tracestate", &large)];
            let service = &world.ingest;
            async move { request(service, &headers).await }
        });
        futures_util::future::join_all(requests).await;
        traces.extend(clients.into_iter().map(|client| client.trace));
    }
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap() + 1;
    sleep(Duration::from_secs(1)).await;
    let spans = collector.spans();
    let exported = spans.iter().filter(|span| traces.contains(&span.trace));
    let exported = exported.count();
    assert!(exported > 0);
    // A burst of one second, and the rate.
    let bound = TRACES_PER_SECOND * (seconds + 1);
    assert!(
        exported <= bound,
        "{exported} of {} in {seconds} s",
        traces.len()
    );
    assert!(spans.iter().all(|span| span.trace_state.is_empty()));
    world.end().await;
}

#[tokio::test]
async fn samplers_decide_as_the_specification_says() {
    // Each with the client's decision, and whether the trace is exported.
    let cases = [
        ("always_on", "1", Some(false), true),
        ("always_off", "1", Some(true), false),
        ("traceidratio", "0", Some(true), false),
        ("parentbased_always_on", "1", Some(false), false),
        ("parentbased_always_off", "1", Some(true), true),
        ("parentbased_always_off", "1", None, false),
        ("parentbased_traceidratio", "0", Some(true), true),
        ("parentbased_traceidratio", "0", None, false),
        ("parentbased_traceidratio", "1", None, true),
    ];
    let database =
        analytics_tests::database::TestDatabase::create(&analytics_tests::stack::Stack::from_env())
            .await;
    for (sampler, ratio, decision, is_exported) in cases {
        let collector = Collector::start().await;
        let mut environment = vec![
            ("DATABASE_URL", database.query_url.as_str()),
            ("OTEL_TRACES_SAMPLER", sampler),
            ("OTEL_TRACES_SAMPLER_ARG", ratio),
        ];
        environment.extend(collector.environment());
        let mut query = Service::start("analytics-query", &environment).await;
        let parent = decision.map(|decision| ClientTrace::begin().parent(decision));
        let headers = parent.iter().map(|parent| ("traceparent", parent.as_str()));
        request(&query, &headers.collect::<Vec<_>>()).await;
        // The last spans are exported before the exit.
        assert!(query.terminate().await.success());
        let spans = collector.spans();
        let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
        let expected: &[&str] = if is_exported {
            &["GET /openapi.yaml"]
        } else {
            &[]
        };
        assert_eq!(names, expected, "{sampler} {ratio} {decision:?}");
    }
}
