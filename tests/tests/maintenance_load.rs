//! While compaction, rebuild, forget and retention run under load from two replicas, the rollup equals a recount
//! of the facts in every snapshot, and the distinct counts of an idle tenant never change.
//!
//! `MAINTENANCE_LOAD_SECONDS` sets the duration.

mod samples;

use std::time::{Duration, Instant};

use analytics_shared::clock;
use analytics_tests::{
    api::Api,
    faulty::verify,
    transaction::{BatchRow, OpenTransaction},
    world::{World, start_ingest_with},
};
use rand::RngExt;
use samples::Samples;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The duration, unless `MAINTENANCE_LOAD_SECONDS` is set.
const SECONDS: u64 = 20;
/// Clients that send facts, half of them to each replica.
const CLIENTS: usize = 8;
/// Visitors of each of the events.
const VISITORS: usize = 200;
/// Frequent compactions, to coincide with rebuilds.
const COMPACTION: [(&str, &str); 1] = [("COMPACTION_INTERVAL_SECONDS", "1")];

/// A tenant with two events, one of them without a zone.
struct Tenant {
    id: Uuid,
    events: [Uuid; 2],
}

impl Tenant {
    async fn publish(world: &World) -> Self {
        let id = Uuid::now_v7();
        let events = [
            world.publish_event(id, Some("America/New_York")).await,
            world.publish_event(id, None).await,
        ];
        Self { id, events }
    }

    /// A random fact of a random visitor, at the current time or in the last days.
    fn fact(&self) -> Value {
        let mut rng = rand::rng();
        let kinds = [
            "page.view",
            "page.view",
            "registration.started",
            "payment.completed",
        ];
        let age = chrono::Duration::minutes(rng.random_range(0..6_000) * rng.random_range(0..2));
        let source = format!("source {}", rng.random_range(0..2));
        json!({
            "eventType": kinds[rng.random_range(0..4)], "eventId": self.events[rng.random_range(0..2)],
            "createdAt": clock::now() - age,
            "properties": {
                "visitorId": visitor(rng.random_range(0..VISITORS)), "source": source,
                "paymentId": Uuid::now_v7(), "amountCents": rng.random_range(1..9_999),
                "currency": "EUR",
            },
        })
    }

    /// Facts of days that retention deletes.
    async fn write_expired(&self, world: &World) {
        let mut writer = OpenTransaction::begin(&world.database).await;
        for days in [368, 375, 383] {
            let at = clock::now() - chrono::Duration::days(days);
            let rows = (0..10).map(|number| {
                BatchRow::view(self.id, self.events[number % 2], &visitor(number)).at(at)
            });
            writer.write_batch(&rows.collect::<Vec<_>>()).await;
        }
        writer.commit().await;
    }
}

fn visitor(number: usize) -> String {
    format!("visitor {number}")
}

/// Sends facts of `tenant` until `stop`.
async fn send(write: Api, tenant: &Tenant, stop: &CancellationToken) -> usize {
    let write = write.of_service(tenant.id);
    let mut sent = 0;
    while !stop.is_cancelled() {
        write.track(&tenant.fact()).await;
        sent += 1;
    }
    sent
}

/// Runs the commands in turn on both tenants until `deadline`. Returns the number of rounds.
async fn maintain(world: &World, busy: &Tenant, idle: &Tenant, deadline: Instant) -> usize {
    let mut rounds = 0;
    while Instant::now() < deadline || rounds == 0 {
        busy.write_expired(world).await;
        let (of_busy, of_idle) = (busy.id.to_string(), idle.id.to_string());
        let visitor = visitor(rounds % VISITORS);
        let commands = [
            &["rebuild"][..],
            &["forget", "--tenant", &of_busy, "--visitor", &visitor],
            &["forget", "--tenant", &of_idle, "--visitor", &visitor],
            &["retention"],
            &[
                "forget",
                "--tenant",
                &of_busy,
                "--visitor",
                "visitor 7",
                "--delete",
            ],
            &["rebuild", "--tenant", &of_idle],
        ];
        for command in commands {
            let (success, text) = world.database.spawn_migrate(command).await.unwrap();
            // A visitor who was forgotten before may have no new facts.
            assert!(
                success || text.contains("has no facts of"),
                "{command:?}: {text}"
            );
        }
        rounds += 1;
    }
    rounds
}

#[tokio::test(flavor = "multi_thread")]
async fn in_every_snapshot_the_rollup_equals_a_recount_while_everything_changes_it() {
    let seconds = std::env::var("MAINTENANCE_LOAD_SECONDS").ok();
    let seconds = seconds
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let world = World::start_with(&COMPACTION).await;
    let (busy, idle) = (Tenant::publish(&world).await, Tenant::publish(&world).await);
    let write = world.write().of_service(idle.id);
    let filling = (0..1_500).map(|_| {
        let write = &write;
        let fact = idle.fact();
        async move { write.track(&fact).await }
    });
    futures_util::future::join_all(filling).await;
    world.until_stored(1_500).await;
    let (url, broker) = (&world.database.ingest_url, &world.broker);
    let mut second = start_ingest_with(url, &broker.url, broker, &COMPACTION).await;

    let stop = CancellationToken::new();
    let replicas = [world.write(), Api::at(&second.url(""))];
    let sending = (0..CLIENTS).map(|client| send(replicas[client % 2].clone(), &busy, &stop));
    let samples = Samples::start(&world, &busy, &idle).await;
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let maintaining = async {
        let rounds = maintain(&world, &busy, &idle, deadline).await;
        stop.cancel();
        rounds
    };
    let (rounds, sent, samples) = tokio::join!(
        maintaining,
        futures_util::future::join_all(sending),
        samples.take(&world, &stop),
    );
    let sent: usize = sent.iter().sum();
    println!("{rounds} rounds, {sent} facts, {samples} samples");
    assert!(sent > 500 && samples >= 5);
    // Facts with the status `queued` are stored when the replicas have stopped.
    assert!(second.terminate().await.success());
    let mut world = world;
    assert!(world.ingest.terminate().await.success());
    tokio::task::block_in_place(|| verify(&world));
    assert!(world.query.terminate().await.success());
}
