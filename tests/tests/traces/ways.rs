//! One trace shows the whole way of a fact.

use std::time::Duration;

use analytics_shared::clock;
use analytics_tests::{
    api::Api,
    collector::{ClientTrace, Collector},
    fact::Fact,
    proxy::{Mode, Proxy},
    world::{World, start_ingest_with},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{named, way};

#[tokio::test]
async fn one_trace_leads_from_an_http_client_through_the_overflow_queue_to_the_commit() {
    let collector = Collector::start().await;
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    assert!(world.ingest.terminate().await.success());
    let (database, url) = Proxy::before(&world.database.ingest_url).await;
    let environment = collector.environment();
    world.ingest = start_ingest_with(&url, &world.broker.url, &world.broker, &environment).await;
    // The event is in the cache of ingest.
    world
        .write()
        .of_service(tenant)
        .store(&Fact::view(event))
        .await;

    database.set(Mode::Cut);
    let client = ClientTrace::begin();
    let write = world.write().of_service(tenant);
    let receipt = track(&write, &Fact::view(event), &client).await;
    assert_eq!(receipt["status"], "queued");
    database.set(Mode::Pass);
    world.until_stored(2).await;

    let overflow = format!("{}.overflow", world.broker.queue);
    let expected = [
        "POST /api/v1/analytics/track".to_owned(),
        format!("send {overflow}"),
        format!("process {overflow}"),
        "commit".to_owned(),
        "INSERT analytics_events".to_owned(),
    ];
    let spans = collector.until(&client.trace, &expected[2]).await;
    // An attempt before the database was known to be away may have failed.
    let inserts = spans.iter().filter(|span| span.name == expected[4]);
    let ways: Vec<_> = inserts.map(|insert| way(&spans, insert)).collect();
    assert!(ways.contains(&expected.to_vec()), "{ways:?}");
    assert_eq!(named(&spans, &expected[0]).parent, client.span);
    world.end().await;
}

#[tokio::test]
async fn one_trace_leads_from_a_message_through_a_retry_to_the_commit() {
    let collector = Collector::start().await;
    let world = World::start_with(&collector.environment()).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let (registration, publisher) = (Uuid::now_v7(), ClientTrace::begin());
    let check_in = json!({"registrationId": registration, "eventId": event, "tenantId": tenant,
                          "userId": Uuid::now_v7(), "occurredAt": clock::now()});
    let headers = [
        ("traceparent", publisher.parent(true)),
        ("tracestate", "vendor=1".to_owned()),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let broker = &world.broker;
    broker
        .publish_with_headers("checkin.completed", &check_in, &headers)
        .await;
    // The registration is published while its check-in waits for a retry.
    let sent = format!("send {}.retry:checkin.completed", broker.queue);
    collector.until(&publisher.trace, &sent).await;
    let registered = json!({"registrationId": registration, "eventId": event, "tenantId": tenant,
                            "userId": Uuid::now_v7(), "occurredAt": clock::now()});
    broker.publish("registration.created", &registered).await;
    world.until_stored(2).await;

    let (exchange, queue) = (&broker.exchange, &broker.queue);
    let first = format!("process {exchange}:checkin.completed:{queue}");
    let again = format!("process {queue}.requeue:checkin.completed:{queue}");
    collector.until(&publisher.trace, "commit").await;
    // A message ends after its commit.
    let spans = collector.until(&publisher.trace, &again).await;
    let last = way(&spans, named(&spans, "commit"));
    assert_eq!((&last[0], &last[1]), (&first, &sent));
    assert_eq!(last[last.len() - 2..], [again, "commit".to_owned()]);
    assert_eq!(named(&spans, &first).parent, publisher.span);
    for name in [&first, &sent] {
        assert_eq!(named(&spans, name).trace_state, "vendor=1");
    }
    world.end().await;
}

#[tokio::test]
async fn facts_of_several_traces_in_one_batch_are_linked() {
    let collector = Collector::start().await;
    let world = World::start_with(&collector.environment()).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().of_service(tenant);
    let clients: Vec<_> = (0..60).map(|_| ClientTrace::begin()).collect();
    let tracking = clients.iter().map(|client| {
        let (write, fact) = (write.clone(), Fact::view(event));
        async move { track(&write, &fact, client).await }
    });
    let receipts = futures_util::future::join_all(tracking).await;
    assert!(receipts.iter().all(|receipt| receipt["status"] == "stored"));

    let mut linked = 0;
    for client in &clients {
        let spans = collector.until(&client.trace, "commit").await;
        let commit = named(&spans, "commit");
        assert_eq!(commit.attributes["analytics.outcome"], "stored");
        if spans
            .iter()
            .any(|span| span.name == "INSERT analytics_events")
        {
            continue;
        }
        // The statement is in the trace of the linked span.
        let [first] = &commit.links[..] else {
            panic!("{commit:?}")
        };
        let all = collector.spans();
        let first = all.iter().find(|span| span.id == *first).unwrap();
        assert!(first.links.contains(&commit.id), "{first:?}");
        linked += 1;
    }
    assert!(linked > 0, "no batch had facts of two traces");
    world.end().await;
}

/// Sends a fact in a trace of its client that is exported; returns the receipt.
async fn track(write: &Api, fact: &Value, client: &ClientTrace) -> Value {
    let request = write.request("/track", fact);
    let request = request.header("traceparent", client.parent(true));
    let response = request.timeout(Duration::from_secs(20)).send().await;
    let response = response.unwrap();
    assert_eq!(response.status(), 202);
    response.json().await.unwrap()
}
