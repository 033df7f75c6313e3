//! During an outage of a server, only unavoidable requests fail, and nothing is lost.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use analytics_shared::clock;
use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    faulty::{FaultyWorld, view},
    proxy::Mode,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::BROKER_PUBLISHES;

/// The duration of an outage.
const OUTAGE: Duration = Duration::from_secs(30);
/// The maximum memory of the write tier, in KiB.
const MEMORY: u64 = 150 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_no_request_fails_and_afterwards_every_fact_is_there() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    let registrations = register(&faulty, 50).await;
    let (stop, mut producers) = (CancellationToken::new(), JoinSet::new());
    for (number, registration) in registrations.into_iter().take(12).enumerate() {
        let (write, event, stop) = (faulty.write(), faulty.event, stop.clone());
        producers.spawn(async move {
            let mut acknowledged = Vec::new();
            let mut check_in = Some(check_in(event, registration));
            while !stop.is_cancelled() {
                // One producer sends batches, the others single facts.
                let facts = if number == 0 { 20 } else { 1 };
                let facts: Vec<_> = (0..facts).map(|_| view(event)).collect();
                acknowledged.extend(send(&write, facts.into()).await);
                tokio::time::sleep(Duration::from_millis(10)).await;
                if acknowledged.len() > 200
                    && let Some(check_in) = check_in.take()
                {
                    acknowledged.extend(send(&write, check_in).await);
                }
            }
            acknowledged
        });
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    faulty.database.set(Mode::Cut);
    tokio::time::sleep(OUTAGE).await;
    faulty.database.set(Mode::Pass);
    let returned = Instant::now();
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.cancel();
    let acknowledged: Vec<_> = producers.join_all().await.into_iter().flatten().collect();

    let queued = acknowledged.iter().filter(|(_, status)| status == "queued");
    let queued = queued.count();
    assert!(queued > 2_000, "only {queued} facts were queued");
    until_all_stored(&faulty, &acknowledged, returned + Duration::from_secs(30)).await;
    faulty.until_empty(".overflow").await;
    let peak = faulty.ingest.peak_memory_kib();
    assert!(peak < MEMORY, "{peak} KiB");
    faulty.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_that_was_queued_takes_what_its_registration_tells() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    let registration = register(&faulty, 1).await[0];
    faulty.database.set(Mode::Cut);
    let check_in = check_in(faulty.event, registration);
    assert_eq!(send(&faulty.write(), check_in).await[0].1, "queued");
    faulty.database.set(Mode::Pass);
    let stored = "SELECT COUNT(*) FROM analytics_service.analytics_events
                  WHERE event_type = 'checkin.completed' AND user_id IS NOT NULL
                    AND properties ->> 'source' = 'newsletter'
                    AND properties ->> 'ticketTypeName' = 'VIP'";
    faulty.world.until(stored, 1).await;
    faulty.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_answers_nothing_is_as_good_as_away() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    faulty.database.set(Mode::Stall);
    let mut acknowledged = Vec::new();
    for round in 0..6 {
        let started = Instant::now();
        acknowledged.extend(send(&faulty.write(), faulty.view()).await);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(4), "round {round}: {took:?}");
    }
    assert!(acknowledged.iter().all(|(_, status)| status == "queued"));
    faulty.database.set(Mode::Pass);
    let deadline = Instant::now() + Duration::from_secs(30);
    until_all_stored(&faulty, &acknowledged, deadline).await;
    faulty.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_neither_database_nor_broker_the_answer_is_503_soon() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    faulty.broker.set(Mode::Cut);
    faulty.database.set(Mode::Cut);
    for _ in 0..3 {
        let started = Instant::now();
        let answer = faulty.write().post("/track", &faulty.view()).await;
        let (status, body) = problem(answer).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        assert!(started.elapsed() < Duration::from_secs(6));
    }
    faulty.broker.set(Mode::Pass);
    faulty.database.set(Mode::Pass);
    // Both recover without a restart.
    let deadline = Instant::now() + Duration::from_secs(20);
    while faulty.write().post("/track", &faulty.view()).await.status() != StatusCode::ACCEPTED {
        assert!(Instant::now() < deadline, "still turned away");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    faulty.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_away_http_goes_on_and_afterwards_consuming_resumes() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    faulty.broker.set(Mode::Cut);
    let (cut, mut messages, mut views, mut slowest) = (Instant::now(), 0, 0, Duration::ZERO);
    while cut.elapsed() < OUTAGE {
        // The platform reaches the broker directly.
        registered(&faulty, Uuid::now_v7()).await;
        messages += 1;
        let started = Instant::now();
        assert_eq!(faulty.write().track(&faulty.view()).await.status, "stored");
        slowest = slowest.max(started.elapsed());
        views += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let registrations = "SELECT COUNT(*) FROM analytics_service.analytics_events
                         WHERE event_type = 'registration.completed'";
    assert_eq!(faulty.world.database.number(registrations).await, 0);
    assert!(messages > 100 && views > 100, "{messages} {views}");
    faulty.broker.set(Mode::Pass);
    let returned = Instant::now();
    faulty.world.until(registrations, messages).await;
    assert!(
        returned.elapsed() < Duration::from_secs(15),
        "{:?}",
        returned.elapsed()
    );
    faulty.end().await;
}

/// Publishes registrations and waits until they are stored.
async fn register(faulty: &FaultyWorld, number: usize) -> Vec<Uuid> {
    let ids: Vec<_> = (0..number).map(|_| Uuid::now_v7()).collect();
    for &id in &ids {
        registered(faulty, id).await;
    }
    let stored = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger";
    faulty
        .world
        .until(stored, i64::try_from(number).unwrap())
        .await;
    ids
}

async fn registered(faulty: &FaultyWorld, registration: Uuid) {
    let message = json!({"registrationId": registration, "eventId": faulty.event,
        "tenantId": faulty.tenant, "userId": Uuid::now_v7(), "ticketTypeName": "VIP",
        "source": "newsletter", "occurredAt": clock::now()});
    faulty
        .world
        .broker
        .publish("registration.created", &message)
        .await;
}

fn check_in(event: Uuid, registration: Uuid) -> Value {
    Fact::new("checkin.completed", event)
        .id(Uuid::now_v7())
        .registration(registration)
        .into()
}

/// Sends one fact or an array, all of which must be accepted. Returns their ids and statuses.
async fn send(write: &Api, facts: Value) -> Vec<(Uuid, String)> {
    let path = if facts.is_array() {
        "/track/batch"
    } else {
        "/track"
    };
    let answer = write.post(path, &facts).await;
    let (status, body) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let receipts = match &body["receipts"] {
        Value::Array(receipts) => receipts.clone(),
        _ => vec![body],
    };
    let of = |receipt: Value| {
        let status = receipt["status"].as_str().unwrap().to_owned();
        assert_ne!(status, "rejected", "{receipt}");
        (receipt["id"].as_str().unwrap().parse().unwrap(), status)
    };
    receipts.into_iter().map(of).collect()
}

async fn until_all_stored(
    faulty: &FaultyWorld,
    acknowledged: &[(Uuid, String)],
    deadline: Instant,
) {
    let wanted: HashSet<Uuid> = acknowledged.iter().map(|(id, _)| *id).collect();
    loop {
        let rows = faulty
            .world
            .database
            .rows("SELECT id FROM analytics_service.analytics_events")
            .await;
        let stored: Vec<Uuid> = rows
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        let distinct: HashSet<Uuid> = stored.iter().copied().collect();
        assert_eq!(distinct.len(), stored.len(), "a fact is stored twice");
        let missing = wanted.difference(&distinct).count();
        if missing == 0 {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{missing} of {} are missing",
            wanted.len()
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
