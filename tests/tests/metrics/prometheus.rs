//! A real Prometheus sees the first event of each kind, and has a result for every query of the dashboards.

use analytics_shared::clock;
use analytics_tests::{
    api::Api,
    database::TestDatabase,
    fact::Fact,
    faulty::view,
    prometheus::Prometheus,
    proxy::{Mode, Proxy},
    service::Service,
    stack::Stack,
    world::World,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{exports::export, use_everything};

const DASHBOARDS: [&str; 3] = [
    include_str!("../../../helm/analytics-service/dashboards/ingest.json"),
    include_str!("../../../helm/analytics-service/dashboards/query.json"),
    include_str!("../../../helm/analytics-service/dashboards/slo.json"),
];
/// All messages of the exchange reach the queue, also those that the service ignores.
const ALL_KEYS: [(&str, &str); 1] = [("AMQP_BINDING_KEYS", "#")];
/// Metrics that exist only with `JWT_JWKS_URL`.
const OPTIONAL: &str = "analytics_jwks_refreshes_total";

/// Waits until `increase()` of a counter is positive.
async fn until_increased(prometheus: &Prometheus, counter: &str) {
    prometheus
        .until(&format!("sum(increase({counter}[1m])) > 0"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn increase_sees_the_first_dead_letter_and_the_first_event_of_each_other_kind() {
    let world = World::start_with(&ALL_KEYS).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let prometheus = Prometheus::start(&[("ingest", &world.ingest), ("query", &world.query)]).await;
    let none = prometheus
        .query("sum(increase(analytics_ingest_dead_letters_total[1m]))")
        .await;
    assert_eq!(none[0]["value"][1], "0");

    world
        .broker
        .publish("registration.created", &json!({}))
        .await;
    until_increased(&prometheus, "analytics_ingest_dead_letters_total").await;
    let check_in = json!({"registrationId": Uuid::now_v7(), "occurredAt": clock::now()});
    world.broker.publish("checkin.completed", &check_in).await;
    world.broker.publish("unknown.key", &json!({})).await;
    let bot = world.write().request("/track", &Fact::view(event));
    bot.header("User-Agent", "Googlebot/2.1")
        .send()
        .await
        .unwrap();
    world.write().with_role("SERVICE").store(&view(event)).await;
    // Without a token, the event must be registered.
    world
        .write()
        .post("/track", &Fact::view(Uuid::now_v7()))
        .await;
    let read = world.read().of_tenant(tenant);
    export(&read, tenant, "csv").await.bytes().await.unwrap();
    for counter in [
        "analytics_ingest_retried_messages_total",
        "analytics_ingest_ignored_messages_total",
        "analytics_ingest_rejected_total{transport=\"amqp\"}",
        "analytics_ingest_rejected_total{transport=\"http\"}",
        "analytics_ingest_flagged_total{reason=\"bot\"}",
        "analytics_ingest_facts_total{outcome=\"stored\"}",
        "analytics_query_exports_total{outcome=\"complete\"}",
    ] {
        until_increased(&prometheus, counter).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn increase_sees_the_first_fact_that_is_neither_stored_nor_queued() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let (proxy, url) = Proxy::before(&database.ingest_url).await;
    // Without a broker there is no overflow queue.
    let ingest = Service::start("analytics-ingest", &[("DATABASE_URL", url.as_str())]).await;
    let write = Api::at(&ingest.url("")).of_service(Uuid::now_v7());
    let fact = |number: u32| json!({"eventType": "custom.type", "properties": {"number": number}});
    assert_eq!(
        write.post("/track", &fact(1)).await.status(),
        StatusCode::ACCEPTED
    );
    let prometheus = Prometheus::start(&[("ingest", &ingest)]).await;
    proxy.set(Mode::Cut);
    let status = write.post("/track", &fact(2)).await.status();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let counter = "analytics_ingest_facts_total{outcome=\"unavailable\"}";
    until_increased(&prometheus, counter).await;
    proxy.set(Mode::Pass);
}

/// The queries of a dashboard, with the variables of Grafana replaced.
fn queries(dashboard: &str) -> Vec<String> {
    let dashboard: Value = serde_json::from_str(dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let queries = targets.map(|target| target["expr"].as_str().unwrap());
    let queries = queries.map(|query| {
        query
            .replace("$namespace", ".*")
            .replace("$__rate_interval", "1m")
    });
    queries.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_the_dashboards_has_a_result_and_every_rule_is_evaluated() {
    let world = World::start().await;
    let prometheus = Prometheus::start(&[("ingest", &world.ingest), ("query", &world.query)]).await;
    use_everything(&world).await;
    prometheus
        .until("analytics:bad_requests:ratio_rate5m >= 0")
        .await;
    for query in DASHBOARDS.into_iter().flat_map(queries) {
        if !query.contains(OPTIONAL) {
            prometheus.until(&query).await;
        }
    }
    let rules = prometheus.rules().await;
    assert!(rules.len() > 30, "{rules:?}");
    let unhealthy: Vec<_> = rules.iter().filter(|(_, health)| health != "ok").collect();
    assert!(unhealthy.is_empty(), "{unhealthy:?}");
    world.end().await;
}
