//! Producers that repeat each fact until it is acknowledged, and record the acknowledged facts.

use std::{collections::HashSet, time::Duration};

use analytics_shared::clock;
use analytics_tests::{api::Api, broker::Broker, fact::Fact, faulty::view};
use rand::RngExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::fleet::Fleet;

/// Producers over HTTP.
const POSTING: usize = 8;
/// The number of facts of a batch.
const BATCH: usize = 25;

/// The acknowledged facts, by deduplication key.
pub type Acknowledged = HashSet<String>;

/// All producers.
pub struct Producers {
    tasks: JoinSet<Acknowledged>,
    stop: CancellationToken,
}

impl Producers {
    /// Starts them.
    pub async fn start(fleet: &Fleet, names: &Broker, tenant: Uuid, events: &[Uuid]) -> Self {
        let (mut tasks, stop) = (JoinSet::new(), CancellationToken::new());
        let replicas: Vec<_> = fleet
            .urls()
            .iter()
            .map(|url| Api::at(url).with_role("SERVICE"))
            .collect();
        for number in 0..POSTING {
            let (replicas, stop) = (replicas.clone(), stop.clone());
            let event = events[number % events.len()];
            tasks.spawn(post(replicas, tenant, event, number % 2 == 0, stop));
        }
        // The platform publishes to the broker directly, without the proxy.
        let platform = Broker::connect_as(&names.url, &names.exchange, &names.queue).await;
        let event = events[0];
        let stopped = stop.clone();
        tasks.spawn(async move { publish(&platform, tenant, event, stopped).await });
        Self { tasks, stop }
    }

    /// Stops them, after the facts in flight are acknowledged.
    pub async fn stop(self) -> Acknowledged {
        self.stop.cancel();
        let each = self.tasks.join_all().await;
        each.into_iter().flatten().collect()
    }
}

async fn post(
    replicas: Vec<Api>,
    tenant: Uuid,
    event: Uuid,
    in_batches: bool,
    stop: CancellationToken,
) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    while !stop.is_cancelled() {
        let facts: Vec<Value> = if in_batches {
            (0..BATCH).map(|_| view(event)).collect()
        } else {
            story(tenant, event)
        };
        for facts in facts.chunks(if in_batches { BATCH } else { 1 }) {
            until_taken(&replicas, facts).await;
            acknowledged.extend(facts.iter().map(key));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    acknowledged
}

/// Sends the same facts to the replicas in turn until one acknowledges all of them.
async fn until_taken(replicas: &[Api], facts: &[Value]) {
    loop {
        let replica = &replicas[rand::rng().random_range(0..replicas.len())];
        let sent = match facts {
            [fact] => replica.try_post("/track", fact).await,
            facts => replica.try_post("/track/batch", &facts.into()).await,
        };
        if let Ok(answer) = sent {
            let status = answer.status();
            let body = answer.text().await.unwrap_or_default();
            // A batch is acknowledged when none of its facts must be sent again.
            if status == 202 && !body.contains("\"retryable\":true") {
                assert!(!body.contains("\"rejected\","), "{body}");
                return;
            }
            assert!(
                status == 202 || status.is_server_error(),
                "{status}: {body}"
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The facts of a visitor.
fn story(tenant: Uuid, event: Uuid) -> Vec<Value> {
    let registration = Uuid::now_v7();
    let fact = |event_type: &str, properties: Value| {
        Fact::new(event_type, event)
            .tenant(tenant)
            .at(clock::now())
            .properties(properties)
            .into()
    };
    vec![
        view(event),
        fact(
            "registration.completed",
            json!({"registrationId": registration, "ticketTypeName": "VIP"}),
        ),
        fact(
            "payment.completed",
            json!({"paymentId": registration, "registrationId": registration,
                                         "amountCents": 1_000, "currency": "EUR"}),
        ),
        fact("checkin.completed", json!({"registrationId": registration})),
    ]
}

/// The platform: every message is confirmed, check-ins and payments may precede their registration, and some
/// messages are published twice.
async fn publish(
    platform: &Broker,
    tenant: Uuid,
    event: Uuid,
    stop: CancellationToken,
) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    while !stop.is_cancelled() {
        let (registration, now) = (Uuid::now_v7(), clock::now());
        let created = json!({"registrationId": registration, "eventId": event, "tenantId": tenant,
            "userId": Uuid::now_v7(), "ticketTypeName": "Standard", "occurredAt": now});
        let check_in = json!({"registrationId": registration, "occurredAt": now});
        let payment = json!({"paymentId": registration, "registrationId": registration,
            "amountCents": 2_500, "currency": "USD", "occurredAt": now});
        let mut told = vec![
            ("registration.created", "registration.completed", created),
            ("checkin.completed", "checkin.completed", check_in),
            ("payment.completed", "payment.completed", payment),
        ];
        let first = rand::rng().random_range(0..told.len());
        told.rotate_left(first);
        if rand::rng().random_ratio(1, 5) {
            told.push(told[0].clone());
        }
        for (routing_key, event_type, body) in told {
            platform.publish(routing_key, &body).await;
            acknowledged.insert(format!("{event_type} {registration}"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    acknowledged
}

/// The deduplication key of a fact.
fn key(fact: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match fact["eventType"].as_str() {
        Some("page.view") => text(&fact["id"]),
        Some(event_type) => {
            format!(
                "{event_type} {}",
                text(&fact["properties"]["registrationId"])
            )
        }
        None => String::new(),
    }
}
