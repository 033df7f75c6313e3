//! The service, with fault-injecting proxies between the write tier and its servers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    api::Api,
    proxy::Proxy,
    service::Service,
    world::{World, start_ingest_with},
};

/// The service, with proxies between the write tier and its servers.
pub struct FaultyWorld {
    /// The rest of the service; its own write tier is stopped.
    pub world: World,
    /// The write tier.
    pub ingest: Service,
    /// The proxy of TimescaleDB.
    pub database: Proxy,
    /// The proxy of RabbitMQ.
    pub broker: Proxy,
    /// The tenant of the events.
    pub tenant: Uuid,
    /// A registered event.
    pub event: Uuid,
}

impl FaultyWorld {
    /// Starts everything, with one registered event that the write tier has in its cache.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, the write tier with more environment variables.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let mut world = World::start().await;
        let tenant = Uuid::now_v7();
        let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
        assert!(world.ingest.terminate().await.success());
        let (database, database_url) = Proxy::before(&world.database.ingest_url).await;
        let (broker, broker_url) = Proxy::before(&world.broker.url).await;
        let starting = start_ingest_with(&database_url, &broker_url, &world.broker, environment);
        let ingest = starting.await;
        let faulty = Self {
            world,
            ingest,
            database,
            broker,
            tenant,
            event,
        };
        faulty.write().track(&faulty.view()).await;
        faulty
    }

    /// A client of the write tier with the role `SERVICE`.
    #[must_use]
    pub fn write(&self) -> Api {
        Api::at(&self.ingest.url("")).with_role("SERVICE")
    }

    /// A page view of the event.
    #[must_use]
    pub fn view(&self) -> Value {
        view(self.event)
    }

    /// Waits until a queue of the service is empty; `suffix` as in [`crate::broker::Broker::waiting`].
    pub async fn until_empty(&self, suffix: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let waiting = self.world.broker.waiting(suffix).await;
            if waiting == 0 {
                return;
            }
            assert!(Instant::now() < deadline, "{waiting} wait in {suffix}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Stops everything, and asserts that rollup and facts agree and that there are no dead letters.
    pub async fn end(mut self) {
        assert_eq!(self.world.broker.waiting(".dead-letters").await, 0);
        let status = self.ingest.terminate().await;
        assert!(
            status.success(),
            "{status}; its log:\n{}",
            self.ingest.logged()
        );
        verify(&self.world);
        assert!(self.world.query.terminate().await.success());
    }
}

/// A page view of `event`.
#[must_use]
pub fn view(event: Uuid) -> Value {
    json!({"id": Uuid::now_v7(), "eventType": "page.view", "eventId": event,
           "properties": {"visitorId": Uuid::now_v7(), "source": "newsletter"}})
}

/// Asserts that rollup and facts agree.
pub fn verify(world: &World) {
    let verified = world.database.migrate(&["verify"]);
    let text = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{text}");
}
