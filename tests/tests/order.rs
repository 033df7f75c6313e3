//! Messages can arrive in any order, and a malformed one affects no other.

use std::time::Duration;

use analytics_shared::clock;
use analytics_tests::{response::TicketType, world::World};
use lapin::{
    options::QueueBindOptions,
    types::{AMQPValue, FieldTable},
};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_check_in_and_a_payment_before_their_registration_end_up_right() {
    let world = World::start().await;
    let (tenant, registration) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let now = clock::now();
    let check_in = json!({"registrationId": registration, "eventId": event, "occurredAt": now});
    let payment = json!({"paymentId": Uuid::now_v7(), "registrationId": registration,
                         "amountCents": 2_500, "currency": "EUR", "occurredAt": now});
    world.broker.publish("checkin.completed", &check_in).await;
    world.broker.publish("payment.completed", &payment).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let created = json!({"registrationId": registration, "eventId": event, "tenantId": tenant,
        "ticketTypeId": "t-1", "ticketTypeName": "VIP", "source": "newsletter", "occurredAt": now});
    world.broker.publish("registration.created", &created).await;
    world.until_stored(3).await;

    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.checked_in, 1);
    let vip = TicketType {
        source: None,
        ticket_type_id: Some("t-1".to_owned()),
        ticket_type_name: Some("VIP".to_owned()),
        registrations: 1,
        cancellations: 0,
        check_ins: 1,
    };
    assert_eq!(dashboard.by_ticket_type, [vip]);
    assert_eq!(dashboard.by_source[0].source, "newsletter");
    assert_eq!(dashboard.by_source[0].check_ins, 1);
    let report = world.report(tenant, "").await;
    assert_eq!(report.totals.revenue[0].amount_cents, 2_500);
    world.end().await;
}

#[tokio::test]
async fn what_never_gets_its_registration_becomes_a_dead_letter_with_the_reason() {
    let world = World::start().await;
    let orphan = json!({"registrationId": Uuid::now_v7(), "occurredAt": clock::now()});
    world.broker.publish("checkin.completed", &orphan).await;
    let letter = world.broker.dead_letter().await;
    assert_eq!(letter.routing_key.as_str(), "checkin.completed");
    assert_eq!(
        serde_json::from_slice::<Value>(&letter.data).unwrap(),
        orphan
    );
    assert!(reason(&letter.properties).starts_with("registrationId:"));
    assert_eq!(
        world.broker.waiting("").await + world.broker.waiting(".retry").await,
        0
    );
    world.end().await;
}

#[tokio::test]
async fn bad_messages_become_dead_letters_and_their_neighbours_are_stored() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let good = || {
        json!({"registrationId": Uuid::now_v7(), "eventId": event, "tenantId": tenant,
                         "occurredAt": clock::now()})
    };
    let with = |name: &str, value: Value| {
        let mut body = good();
        body[name] = value;
        body
    };
    let mut expected = Vec::new();
    for (bad, field) in [
        (with("eventId", json!("nonsense")), "eventId"),
        (with("occurredAt", json!("yesterday")), "occurredAt"),
        (
            with("occurredAt", json!("2001-01-01T00:00:00Z")),
            "createdAt",
        ),
        (
            with("ticketTypeName", json!({"deep": 1})),
            "properties.ticketTypeName",
        ),
        (with("registrationId", json!(null)), "registrationId"),
        (json!([1, 2]), "body"),
    ] {
        world.broker.publish("registration.created", &bad).await;
        world.broker.publish("registration.created", &good()).await;
        expected.push(field.to_owned());
    }
    world
        .broker
        .publish_bytes("registration.created", b"\xff\x00 no JSON")
        .await;
    expected.push("body".to_owned());
    world.until_stored(6).await;
    let mut fields = Vec::new();
    for _ in &expected {
        let reason = reason(&world.broker.dead_letter().await.properties);
        fields.push(reason.split(':').next().unwrap().to_owned());
    }
    // A malformed message is rejected before the others of its chunk are processed.
    fields.sort_unstable();
    expected.sort_unstable();
    assert_eq!(fields, expected);
    world.end().await;
}

#[tokio::test]
async fn messages_of_others_are_acknowledged_counted_and_stored_nowhere() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    // The queue is bound to all keys.
    let connection =
        lapin::Connection::connect(&world.broker.url, lapin::ConnectionProperties::default());
    let channel = connection.await.unwrap().create_channel().await.unwrap();
    let (queue, exchange) = (world.broker.queue.as_str(), world.broker.exchange.as_str());
    channel
        .queue_bind(
            queue.into(),
            exchange.into(),
            "#".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();
    world
        .broker
        .publish("invoice.sent", &json!({"email": "a@b.c"}))
        .await;
    world.publish_event(tenant, None).await;
    let metrics = reqwest::get(world.ingest.management_url("/metrics"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        metrics.contains("analytics_ingest_ignored_messages_total 1"),
        "{metrics}"
    );
    assert_eq!(
        world.broker.waiting("").await + world.broker.waiting(".dead-letters").await,
        0
    );
    assert_eq!(
        world
            .database
            .number("SELECT COUNT(*) FROM analytics_service.analytics_events")
            .await,
        0
    );
    world.end().await;
}

fn reason(properties: &lapin::BasicProperties) -> String {
    let headers = properties.headers().as_ref().expect("headers");
    match headers.inner().get("x-analytics-reason") {
        Some(AMQPValue::LongString(reason)) => reason.to_string(),
        other => panic!("no reason, but {other:?}"),
    }
}
