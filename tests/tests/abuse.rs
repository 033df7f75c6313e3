//! Abusive requests delay no other client, and the memory of the service stays bounded.

mod bodies;
mod connections;
mod slow;
mod watchers;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use analytics_tests::{fact::Fact, service::Service, world::World};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::BROKER_PUBLISHES;

/// The most memory that a service may ever have, whatever is done to it: half of what the chart gives.
const MEMORY_MIB: u64 = 256;
/// The time within which other clients must get a receipt.
const RECEIPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The setting by which clients of the loopback interface have no limit of connections.
const MANY_CLIENTS: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// Both tiers, and another client.
struct Scene {
    world: World,
    bystander: Bystander,
}

impl Scene {
    async fn start() -> Self {
        let _publishing = BROKER_PUBLISHES.read().await;
        // The attackers count as many clients, although they have one address.
        let world = World::start_with(&[MANY_CLIENTS]).await;
        let event = world.publish_event(Uuid::now_v7(), None).await;
        let bystander = Bystander::start(&world.ingest, event).await;
        Self { world, bystander }
    }

    /// Stops everything, and asserts that the other client did not wait and memory stayed bounded.
    async fn end(self, what: &str) {
        let (facts, slowest) = self.bystander.finish().await;
        let memory = self.world.ingest.peak_memory_kib() / 1024;
        println!("{what}: peak {memory} MiB; {facts} facts, the slowest took {slowest:?}");
        assert!(memory < MEMORY_MIB, "{what}: {memory} MiB");
        assert!(facts >= 10, "{what}: only {facts} facts");
        assert!(
            slowest < RECEIPT_TIMEOUT,
            "{what}: {slowest:?} for one fact"
        );
        self.world.end().await;
    }
}

/// Somebody who sends one fact after the other, each on a connection of its own.
struct Bystander {
    is_over: Arc<AtomicBool>,
    sending: JoinHandle<(usize, Duration)>,
}

impl Bystander {
    async fn start(ingest: &Service, event: Uuid) -> Self {
        let url = ingest.url("/api/v1/analytics/track");
        let http = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        let send = move || {
            let fact = Fact::view(event);
            http.post(&url).json(&fact).send()
        };
        // The first fact loads caches.
        assert_eq!(send().await.unwrap().status(), 202);
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let sending = tokio::spawn(async move {
            let (mut facts, mut slowest) = (0, Duration::ZERO);
            while !over.load(Ordering::Relaxed) {
                let start = Instant::now();
                assert_eq!(send().await.unwrap().status(), 202);
                (facts, slowest) = (facts + 1, slowest.max(start.elapsed()));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            (facts, slowest)
        });
        Self { is_over, sending }
    }

    /// The number of facts, all of them stored, and the duration of the slowest.
    async fn finish(self) -> (usize, Duration) {
        self.is_over.store(true, Ordering::Relaxed);
        self.sending.await.unwrap()
    }
}

/// Waits until it is so.
async fn until<F: Future<Output = bool>>(patience: Duration, is_so: impl Fn() -> F) {
    let deadline = Instant::now() + patience;
    while !is_so().await {
        assert!(Instant::now() < deadline, "not within {patience:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
