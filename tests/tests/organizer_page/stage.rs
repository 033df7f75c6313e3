//! A world with a browser that is signed in, and events with facts.

use analytics_shared::clock;
use analytics_tests::{
    api::Api,
    fact::Fact,
    service::Service,
    world::{NO_RATE_LIMIT, World},
};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::chromium::{Chromium, Tab};

/// The number of facts of a batch.
const BATCH: usize = 1_000;
const SOURCES: [&str; 3] = ["newsletter", "direct", "partner.example"];
const TICKETS: [&str; 2] = ["Standard", "VIP"];

/// The world, the browser, and an organization.
pub struct Stage {
    pub world: World,
    pub chromium: Chromium,
    pub tenant: Uuid,
}

impl Stage {
    pub async fn start() -> Self {
        let (world, chromium) = tokio::join!(World::start(), Chromium::start());
        Self {
            world,
            chromium,
            tenant: Uuid::now_v7(),
        }
    }

    /// Restarts the read tier with other settings.
    pub async fn restarted_with(mut self, settings: &[(&str, &str)]) -> Self {
        let mut environment = vec![
            ("DATABASE_URL", self.world.database.query_url.as_str()),
            NO_RATE_LIMIT,
        ];
        environment.extend(settings);
        self.world.query = Service::start("analytics-query", &environment).await;
        self
    }

    /// The origin of the page. Browsers accept cookies with `Secure` of `localhost` without TLS.
    pub fn origin(&self) -> String {
        self.world.query.url("").replace("127.0.0.1", "localhost")
    }

    /// A tab that is signed in with a token in the fragment.
    pub async fn tab(&self) -> Tab {
        let tab = self.chromium.tab(&self.origin()).await;
        let api = self.api();
        tab.open(&format!("/app/org#token={}", api.token().unwrap()))
            .await;
        assert_eq!(tab.url().await, format!("{}/app/org", self.origin()));
        tab
    }

    /// The API with a token of the organization.
    pub fn api(&self) -> Api {
        self.world.read().of_tenant(self.tenant)
    }

    /// Publishes an event that starts some days from now.
    pub async fn publish(&self, title: &str, zone: &str, days: i64) -> Uuid {
        let event = Uuid::now_v7();
        let starts_at = event_time(days);
        let body = json!({
            "eventId": event, "tenantId": self.tenant, "title": title, "slug": "event", "timezone": zone,
            "startsAt": starts_at, "publishedAt": clock::now() - Duration::days(60), "occurredAt": clock::now(),
        });
        self.world.broker.publish("event.published", &body).await;
        let registered = format!(
            "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE event_id = '{event}'"
        );
        self.world.until(&registered, 1).await;
        event
    }

    /// Stores facts.
    pub async fn store(&self, facts: &[Fact]) {
        let service = self.world.write().of_service(self.tenant);
        for batch in facts.chunks(BATCH) {
            let response = service.post("/track/batch", &json!(batch)).await;
            let receipts: Value = response.json().await.unwrap();
            assert_eq!(receipts["totals"]["stored"], batch.len(), "{receipts}");
        }
    }

    /// An event that took place three days ago, with views, registrations, payments and check-ins.
    pub async fn past_event(&self, title: &str) -> Uuid {
        let event = self.publish(title, "Europe/Berlin", -3).await;
        self.store(&life(event, -3)).await;
        event
    }

    pub async fn end(self) {
        self.chromium.end().await;
        self.world.end().await;
    }
}

/// The pages of organizers: a name and a path.
pub fn paths(event: Uuid, other: Uuid) -> Vec<(&'static str, String)> {
    vec![
        ("organization", "/app/org".to_owned()),
        ("event", format!("/app/events/{event}")),
        ("door", format!("/app/events/{event}/door")),
        (
            "compare",
            format!("/app/events/{event}/compare?with={other}"),
        ),
    ]
}

/// The start of an event, at 9 o'clock UTC.
pub fn event_time(days: i64) -> DateTime<Utc> {
    let day = (clock::now() + Duration::days(days)).date_naive();
    day.and_hms_opt(9, 0, 0).unwrap().and_utc()
}

/// The facts of twelve days before an event, and its check-ins if it has taken place.
pub fn life(event: Uuid, days: i64) -> Vec<Fact> {
    let start = event_time(days);
    let mut facts = Vec::new();
    for (day, person) in (1..=12).flat_map(|day| (0..14 - day).map(move |person| (day, person))) {
        let at = start - Duration::days(day) + Duration::minutes(person * 37);
        if at > clock::now() {
            continue;
        }
        let number = usize::try_from(day * 14 + person).unwrap();
        let (source, ticket) = (SOURCES[number % 3], TICKETS[number % 2]);
        let registration = Uuid::now_v7();
        let visitor = format!("visitor-{number}");
        let fact = |kind: &str, at: DateTime<Utc>| {
            Fact::new(kind, event)
                .at(at)
                .visitor(&visitor)
                .source(source)
        };
        let of_registration = |kind: &str, at| {
            let fact = fact(kind, at).registration(registration);
            fact.property("ticketTypeId", ticket.to_lowercase())
                .property("ticketTypeName", ticket)
        };
        facts.push(fact("page.view", at));
        if number % 2 == 0 || number % 5 == 0 {
            facts.push(
                fact("registration.started", at + Duration::minutes(1)).registration(registration),
            );
        }
        if number % 5 == 0 || number % 4 == 0 {
            facts.push(of_registration(
                "registration.completed",
                at + Duration::minutes(3),
            ));
            let currency = if number % 8 == 0 { "JPY" } else { "EUR" };
            let payment = of_registration("payment.completed", at + Duration::minutes(4));
            facts.push(payment.payment(Uuid::now_v7(), 4900, currency));
            if number % 15 == 0 {
                facts.push(of_registration(
                    "registration.cancelled",
                    at + Duration::hours(1),
                ));
            } else if days < 0 {
                facts.push(of_registration(
                    "checkin.completed",
                    start + Duration::minutes(person * 4 + day),
                ));
            }
        }
    }
    facts
}
