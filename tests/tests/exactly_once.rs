//! Repeated facts change nothing: redelivered, posted again, over two transports, after a crash.

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    proxy::{Mode, Proxy},
    world::{World, start_ingest},
};
use serde_json::{Value, json};
use uuid::Uuid;

const FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events";

fn registration(tenant: Uuid, event: Uuid) -> Value {
    json!({
        "registrationId": Uuid::now_v7(), "eventId": event, "tenantId": tenant, "userId": Uuid::now_v7(),
        "ticketTypeName": "Standard", "occurredAt": clock::now(),
    })
}

#[tokio::test]
async fn a_redelivered_message_changes_nothing() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let (once, twice) = (registration(tenant, event), registration(tenant, event));
    for body in [&twice, &once, &twice] {
        world.broker.publish("registration.created", body).await;
    }
    // The last message in the queue: when it is stored, the others are settled.
    world
        .broker
        .publish("registration.created", &registration(tenant, event))
        .await;
    world.until_stored(3).await;
    let before = world.dashboard(tenant, event, "").await;
    assert_eq!(before.total_registrations, 3);
    assert_eq!(before.by_ticket_type[0].registrations, 3);
    assert_eq!(world.broker.waiting(".dead-letters").await, 0);
    world.end().await;
}

#[tokio::test]
async fn a_fact_posted_twice_is_a_duplicate_and_counted_once() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    let view = Fact::view(event).id(Uuid::now_v7()).visitor("v1");
    let write = world.write().with_role("SERVICE");
    write.store(&view).await;
    let again = write.track(&view).await;
    assert_eq!(json!(again.id), view["id"]);
    assert_eq!(again.status, "duplicate");
    // The same id with another visitor is the same fact, and adds no visitor.
    let mut altered = view.clone();
    altered["properties"]["visitorId"] = "v2".into();
    assert_eq!(write.track(&altered).await.status, "duplicate");
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.views(), [1, 1]);
    world.end().await;
}

#[tokio::test]
async fn many_copies_at_once_are_stored_once() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let view = Fact::view(event).id(Uuid::now_v7());
    let write = world.write();
    let receipts = futures_util::future::join_all((0..50).map(|_| write.track(&view))).await;
    let stored = receipts.iter().filter(|receipt| receipt.status == "stored");
    assert_eq!(stored.count(), 1);
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, 1);
    world.end().await;
}

#[tokio::test]
async fn the_same_registration_by_http_and_by_rabbitmq_is_counted_once() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let message = registration(tenant, event);
    let fact = Fact::new("registration.completed", event).registration(&message["registrationId"]);
    let write = world.write().of_service(tenant);
    write.store(&fact).await;
    world.broker.publish("registration.created", &message).await;
    world
        .broker
        .publish("registration.created", &registration(tenant, event))
        .await;
    world.until_stored(2).await;
    assert_eq!(write.track(&fact).await.status, "duplicate");
    assert_eq!(
        world.dashboard(tenant, event, "").await.total_registrations,
        2
    );
    world.end().await;
}

#[tokio::test]
async fn a_crash_between_commit_and_acknowledgement_changes_nothing() {
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    // Another replica consumes through a proxy that drops its acknowledgements.
    assert!(world.ingest.terminate().await.success());
    let (proxy, through_proxy) = Proxy::before(&world.broker.url).await;
    let mut crashing =
        start_ingest(&world.database.ingest_url, &through_proxy, &world.broker).await;
    world
        .broker
        .publish("registration.created", &registration(tenant, event))
        .await;
    world.until_stored(1).await;
    proxy.set(Mode::SwallowRequests);
    world
        .broker
        .publish("registration.created", &registration(tenant, event))
        .await;
    world.until_stored(2).await;
    crashing.kill().await;
    proxy.set(Mode::Cut);

    // The second message was stored and not acknowledged: the next replica receives it again.
    let mut next = start_ingest(&world.database.ingest_url, &world.broker.url, &world.broker).await;
    world
        .broker
        .publish("registration.created", &registration(tenant, event))
        .await;
    world.until_stored(3).await;
    let metrics = reqwest::get(next.management_url("/metrics"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let duplicates = metrics.lines().find_map(|line| {
        line.strip_prefix(r#"analytics_ingest_facts_total{transport="amqp",type="registration.completed",outcome="duplicate"} "#)
    });
    // The first may be redelivered as well, if its acknowledgement was in flight.
    let duplicates: u32 = duplicates.expect("it was delivered again").parse().unwrap();
    assert!((1..=2).contains(&duplicates), "{duplicates}");
    assert!(next.terminate().await.success());
    assert_eq!(world.database.number(FACTS).await, 3);
    assert_eq!(
        world.dashboard(tenant, event, "").await.total_registrations,
        3
    );
    assert_eq!(world.broker.waiting("").await, 0);
}
