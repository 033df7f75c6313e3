//! Faults of the broker: deleted queues, consumer time-outs, alarms.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use analytics_shared::clock;
use analytics_tests::{
    api::problem,
    broker::Broker,
    database::TestDatabase,
    faulty::{FaultyWorld, verify},
    proxy::{Mode, Proxy},
    stack::Stack,
    world::{World, start_ingest},
};
use lapin::types::{AMQPValue, FieldTable};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::BROKER_PUBLISHES;

const FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events";

fn registration(tenant: Uuid, event: Uuid) -> Value {
    json!({"registrationId": Uuid::now_v7(), "eventId": event, "tenantId": tenant,
           "ticketTypeName": "VIP", "occurredAt": clock::now()})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_somebody_deletes_is_made_anew_and_consumed() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for (stored, suffix) in [(1_usize, ""), (2, ".overflow"), (3, ".retry")] {
        world.broker.delete_queue(suffix).await;
        let deadline = Instant::now() + Duration::from_secs(20);
        // Messages published before the queue is bound again are lost.
        let sessions = || world.ingest.logged().matches("consuming queue=").count();
        while sessions() <= stored || !world.broker.has_queue(suffix).await {
            assert!(Instant::now() < deadline, "no queue {suffix}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let message = registration(tenant, event);
        world.broker.publish("registration.created", &message).await;
        world.until_stored(i64::try_from(stored).unwrap()).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_holds_messages_for_too_long_begins_anew() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let stack = Stack::from_env();
    let database = TestDatabase::create(&stack).await;
    let broker = Broker::connect(&stack.amqp_url).await;
    // The queue is declared with a short consumer time-out, which the broker checks once a minute.
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    arguments.insert("x-consumer-timeout".into(), AMQPValue::LongLongInt(1_000));
    broker.declare_queue(arguments).await;
    let (proxy, database_url) = Proxy::before(&database.ingest_url).await;
    let mut ingest = start_ingest(&database_url, &broker.url, &broker).await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    proxy.set(Mode::Cut);
    let message = registration(tenant, event);
    broker.publish("registration.created", &message).await;
    let published = Instant::now();
    while broker.waiting("").await != 0 {
        assert!(
            published.elapsed() < Duration::from_secs(10),
            "not consumed"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Until the broker requeues the message, it is unacknowledged and does not count as waiting.
    let deadline = Instant::now() + Duration::from_mins(3);
    while broker.waiting("").await != 1 {
        assert!(Instant::now() < deadline, "the broker has patience");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    proxy.set(Mode::Pass);
    let deadline = Instant::now() + Duration::from_secs(20);
    while database.number(FACTS).await != 1 || broker.waiting("").await != 0 {
        assert!(Instant::now() < deadline, "{}", ingest.logged());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(ingest.terminate().await.success());
    assert_eq!(
        broker.waiting("").await + broker.waiting(".dead-letters").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_out_of_memory_costs_only_what_needs_to_be_published() {
    // The alarm blocks publishing for all clients.
    let _alone = BROKER_PUBLISHES.write().await;
    let faulty = FaultyWorld::start().await;
    let post = || async { faulty.write().post("/track", &faulty.view()).await };
    faulty.database.set(Mode::Cut);
    let message = registration(faulty.tenant, faulty.event);
    faulty
        .world
        .broker
        .publish("registration.created", &message)
        .await;
    {
        let _alarm = Alarm::raise();
        for patience in [8, 2, 2] {
            let started = Instant::now();
            let (status, body) = problem(post().await).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
            assert!(
                started.elapsed() < Duration::from_secs(patience),
                "{started:?}"
            );
        }
        // Everything else works without the broker.
        faulty.database.set(Mode::Pass);
        let registered = format!("{FACTS} WHERE event_type = 'registration.completed'");
        faulty.world.until(&registered, 1).await;
        assert_eq!(post().await.status(), StatusCode::ACCEPTED);
    }
    faulty.database.set(Mode::Cut);
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = post().await;
        if answer.status() == StatusCode::ACCEPTED {
            assert_eq!(answer.json::<Value>().await.unwrap()["status"], "queued");
            break;
        }
        assert!(Instant::now() < deadline, "the broker is not used again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    faulty.database.set(Mode::Pass);
    faulty.until_empty(".overflow").await;
    verify(&faulty.world);
    faulty.end().await;
}

/// The memory alarm of the broker, until this value is dropped.
struct Alarm;

impl Alarm {
    fn raise() -> Self {
        watermark(&["absolute", "1MB"]);
        Self
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        watermark(&["0.6"]);
    }
}

/// Sets the memory limit of the broker.
fn watermark(value: &[&str]) {
    let stack = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/stack");
    let mut telling = Command::new(stack);
    telling.args(["rabbitmqctl", "set_vm_memory_high_watermark"]);
    let told = telling.args(value).output().expect("dev/stack runs");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
}
