//! Both tiers with their own database and queue: the setup of most tests.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    api::Api,
    broker::Broker,
    database::TestDatabase,
    response::{Dashboard, Report},
    service::Service,
    stack::Stack,
};

/// No rate limit of the read tier, whose clients all have one address in tests.
pub const NO_RATE_LIMIT: (&str, &str) = ("RATE_LIMIT_PER_ADDRESS", "4000000000");

/// The service, whole.
pub struct World {
    /// The write tier.
    pub ingest: Service,
    /// The read tier.
    pub query: Service,
    /// The database.
    pub database: TestDatabase,
    /// The platform's side of RabbitMQ.
    pub broker: Broker,
}

impl World {
    /// Starts everything.
    ///
    /// # Panics
    /// When anything does not start.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts everything, the write tier with more environment variables.
    ///
    /// # Panics
    /// When anything does not start.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create(&Stack::from_env()).await;
        Self::start_on(database, environment, &[]).await
    }

    /// Starts everything with a database, and more environment variables of the write tier and of the read tier.
    ///
    /// # Panics
    /// When anything does not start.
    pub async fn start_on(
        database: TestDatabase,
        writing: &[(&str, &str)],
        reading: &[(&str, &str)],
    ) -> Self {
        let broker = Broker::connect(&Stack::from_env().amqp_url).await;
        let (ingest, query) = tokio::join!(
            start_ingest_with(&database.ingest_url, &broker.url, &broker, writing),
            start_query_with(&database, reading)
        );
        Self {
            ingest,
            query,
            database,
            broker,
        }
    }

    /// A client of the write tier.
    #[must_use]
    pub fn write(&self) -> Api {
        Api::at(&self.ingest.url(""))
    }

    /// A client of the read tier.
    #[must_use]
    pub fn read(&self) -> Api {
        Api::at(&self.query.url(""))
    }

    /// Publishes an event and waits until it is registered.
    ///
    /// # Panics
    /// When it is not.
    pub async fn publish_event(&self, tenant: Uuid, timezone: Option<&str>) -> Uuid {
        let event = Uuid::now_v7();
        self.publish_event_as(event, tenant, timezone).await;
        event
    }

    /// Publishes an event with a given id and waits until it is registered.
    ///
    /// # Panics
    /// When it is not.
    pub async fn publish_event_as(&self, event: Uuid, tenant: Uuid, timezone: Option<&str>) {
        let mut body = json!({
            "eventId": event, "tenantId": tenant, "title": "A Conference", "slug": "a-conference",
            "startsAt": "2026-11-20T08:00:00Z", "publishedAt": "2026-01-02T09:00:00Z",
            "occurredAt": "2026-01-02T09:00:00Z",
        });
        if let Some(timezone) = timezone {
            body["timezone"] = timezone.into();
        }
        self.broker.publish("event.published", &body).await;
        let registered = format!(
            "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE event_id = '{event}'"
        );
        self.until(&registered, 1).await;
    }

    /// Waits until a query returns `expected`.
    ///
    /// # Panics
    /// When it does not within 20 seconds.
    pub async fn until(&self, sql: &str, expected: i64) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let number = self.database.number(sql).await;
            if number == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{sql}: {number}, not {expected}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until this number of facts is stored.
    ///
    /// # Panics
    /// When they are not within 20 seconds.
    pub async fn until_stored(&self, facts: i64) {
        self.until(
            "SELECT COUNT(*) FROM analytics_service.analytics_events",
            facts,
        )
        .await;
    }

    /// The dashboard of an event, read with a token of its tenant.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn dashboard(&self, tenant: Uuid, event: Uuid, query: &str) -> Dashboard {
        let path = format!("/events/{event}/dashboard{query}");
        self.read().of_tenant(tenant).read_as(&path).await
    }

    /// The same as JSON, for comparisons field by field.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn dashboard_json(&self, tenant: Uuid, event: Uuid, query: &str) -> Value {
        let path = format!("/events/{event}/dashboard{query}");
        self.read().of_tenant(tenant).read(&path).await
    }

    /// The report of an organization, read with its own token.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn report(&self, tenant: Uuid, query: &str) -> Report {
        let path = format!("/organizations/{tenant}/report{query}");
        self.read().of_tenant(tenant).read_as(&path).await
    }

    /// Stops both tiers and asserts that they exit successfully. The database and the queues are deleted when
    /// the world is dropped, also after a panic.
    ///
    /// # Panics
    /// When a service fails.
    pub async fn end(mut self) {
        for service in [&mut self.ingest, &mut self.query] {
            let status = service.terminate().await;
            assert!(status.success(), "{status}; its log:\n{}", service.logged());
        }
    }
}

/// Starts the read tier with a database and more environment variables.
///
/// # Panics
/// When it does not start.
pub async fn start_query_with(database: &TestDatabase, more: &[(&str, &str)]) -> Service {
    let mut environment = vec![
        ("DATABASE_URL", database.query_url.as_str()),
        ("SHARE_DATABASE_URL", database.share_url.as_str()),
        NO_RATE_LIMIT,
        // All clients of a test have one address.
        ("HTTP_MAX_CONNECTIONS_PER_ADDRESS", "5000"),
    ];
    environment.extend(more);
    Service::start("analytics-query", &environment).await
}

/// Starts the write tier with a database and the exchange and queue of `broker`.
///
/// # Panics
/// When it does not start.
pub async fn start_ingest(database_url: &str, amqp_url: &str, broker: &Broker) -> Service {
    start_ingest_with(database_url, amqp_url, broker, &[]).await
}

/// The same, with more environment variables.
///
/// # Panics
/// When it does not start.
pub async fn start_ingest_with(
    database_url: &str,
    amqp_url: &str,
    broker: &Broker,
    more: &[(&str, &str)],
) -> Service {
    let mut environment = vec![
        ("DATABASE_URL", database_url),
        ("AMQP_URL", amqp_url),
        ("AMQP_EXCHANGE", &broker.exchange),
        ("AMQP_QUEUE", &broker.queue),
        ("AMQP_RETRY_DELAY_SECONDS", "1"),
        ("AMQP_MAX_RETRIES", "5"),
        NO_RATE_LIMIT,
        // All clients of a test have one address.
        ("HTTP_MAX_CONNECTIONS_PER_ADDRESS", "5000"),
    ];
    environment.extend(more);
    Service::start("analytics-ingest", &environment).await
}
