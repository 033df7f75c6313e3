//! Spans have the names and attributes of the semantic conventions, and nothing that identifies a person.

use analytics_tests::{
    collector::{ClientTrace, Collector},
    fact::Fact,
    service::Service,
    world::World,
};
use lapin::types::AMQPValue;
use serde_json::json;
use uuid::Uuid;

use super::named;

const TEXT_OF_A_PERSON: &str = "ann.marked@example.org";

#[tokio::test]
async fn a_read_has_the_spans_of_its_request_and_of_its_statements() {
    let collector = Collector::start().await;
    let mut world = World::start().await;
    let attributes = "k8s.pod.name=query-0,deployment.environment.name=test";
    let mut environment = vec![
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("OTEL_RESOURCE_ATTRIBUTES", attributes),
    ];
    environment.extend(collector.environment());
    world.query = Service::start("analytics-query", &environment).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    world
        .write()
        .of_service(tenant)
        .store(&Fact::view(event))
        .await;

    let (client, read) = (ClientTrace::begin(), world.read().of_tenant(tenant));
    let path = format!("/events/{event}/dashboard?source={TEXT_OF_A_PERSON}");
    let response = read
        .get_with(&path, "traceparent", &client.parent(true))
        .await;
    assert_eq!(response.status(), 200);

    let route = "/api/v1/analytics/events/{eventId}/dashboard";
    let spans = collector
        .until(&client.trace, &format!("GET {route}"))
        .await;
    let request = named(&spans, &format!("GET {route}"));
    assert_eq!(
        (request.kind, &request.parent),
        ("SPAN_KIND_SERVER", &client.span)
    );
    let expected = json!({"http.request.method": "GET", "http.route": route, "url.path": route, "url.scheme": "http",
                          "http.response.status_code": 200, "network.protocol.version": "1.1"});
    assert_eq!(json!(request.attributes), expected);
    let service = &request.resource;
    assert_eq!(service["service.name"], "analytics-query");
    assert_eq!(service["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(service["k8s.pod.name"], "query-0");

    let statements: Vec<_> = spans
        .iter()
        .filter(|span| span.parent == request.id)
        .collect();
    assert!(statements.len() > 1, "{spans:#?}");
    for statement in statements {
        assert_eq!(statement.kind, "SPAN_KIND_CLIENT");
        let attributes = &statement.attributes;
        assert_eq!(attributes["db.system.name"], "postgresql");
        assert_eq!(attributes["db.operation.name"], "SELECT");
        assert_eq!(attributes["db.query.summary"], json!(statement.name));
        let namespace = attributes["db.namespace"].as_str().unwrap();
        assert!(namespace.ends_with("|analytics_service"), "{namespace}");
    }
    let all = format!("{spans:?}");
    for text in [
        TEXT_OF_A_PERSON,
        &event.to_string(),
        &tenant.to_string(),
        "127.0.0.1",
    ] {
        assert!(!all.contains(text), "{text}: {all}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_message_that_is_rejected_has_a_span_with_its_error() {
    let collector = Collector::start().await;
    let world = World::start_with(&collector.environment()).await;
    let publisher = ClientTrace::begin();
    let (parent, body) = (publisher.parent(true), json!({"email": TEXT_OF_A_PERSON}));
    let headers = [("traceparent", parent.as_str())];
    let broker = &world.broker;
    broker
        .publish_with_headers("payment.completed", &body, &headers)
        .await;
    let letter = broker.dead_letter().await;

    let destination = format!("{}:payment.completed:{}", broker.exchange, broker.queue);
    let spans = collector
        .until(&publisher.trace, &format!("process {destination}"))
        .await;
    let message = named(&spans, &format!("process {destination}"));
    assert_eq!(
        (message.kind, message.is_error),
        ("SPAN_KIND_CONSUMER", true)
    );
    let expected = json!({
        "messaging.system": "rabbitmq", "messaging.operation.name": "process", "messaging.operation.type": "process",
        "messaging.destination.name": destination, "messaging.message.body.size": body.to_string().len(),
        "messaging.rabbitmq.destination.routing_key": "payment.completed", "error.type": "invalid",
    });
    let mut attributes = json!(message.attributes);
    assert!(attributes["error.type"].is_string(), "{attributes}");
    attributes["error.type"] = json!("invalid");
    assert_eq!(attributes, expected);
    // The dead letter goes on with the trace.
    let sent = named(
        &spans,
        &format!("send {}.dlx:payment.completed", broker.queue),
    );
    assert_eq!(
        (sent.kind, &sent.parent),
        ("SPAN_KIND_PRODUCER", &message.id)
    );
    let headers = letter.properties.headers().clone().unwrap();
    let expected = format!("00-{}-{}-01", publisher.trace, sent.id);
    let AMQPValue::LongString(parent) = &headers.inner()["traceparent"] else {
        panic!("{headers:?}")
    };
    assert_eq!(parent.to_string(), expected);
    world.end().await;
}

#[tokio::test]
async fn a_failed_request_and_an_unknown_method_have_their_own_attributes() {
    let collector = Collector::start().await;
    let world = World::start_with(&collector.environment()).await;
    let client = ClientTrace::begin();
    let http = reqwest::Client::new();
    let method = reqwest::Method::from_bytes(b"ANNMARKED").unwrap();
    let path = world.ingest.url(&format!("/{TEXT_OF_A_PERSON}"));
    let request = http
        .request(method, path)
        .header("traceparent", client.parent(true));
    assert!(request.send().await.unwrap().status().is_client_error());
    let spans = collector.until(&client.trace, "HTTP").await;
    let span = named(&spans, "HTTP");
    assert_eq!(span.attributes["http.request.method"], "_OTHER");
    assert_eq!(span.attributes["url.path"], "REDACTED");
    assert!(!span.attributes.contains_key("http.route") && !span.is_error);
    world.end().await;
}
