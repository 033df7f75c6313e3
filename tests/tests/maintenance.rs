//! The maintenance commands: verify, rebuild, retention, and those on personal data.

mod delete_tenant;
mod export_person;
mod forget;
mod retention;
mod rollup;

use analytics_shared::clock;
use analytics_tests::{api::Api, database::TestDatabase, fact::Fact, world::World};
use chrono::Duration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

/// Runs a command of `analytics-migration`; returns whether it succeeded, and its output.
fn run(database: &TestDatabase, arguments: &[&str]) -> (bool, String) {
    let output = tokio::task::block_in_place(|| database.migrate(arguments));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    (output.status.success(), text)
}

/// The same for a command that succeeds.
fn succeed(database: &TestDatabase, arguments: &[&str]) -> String {
    let (success, text) = run(database, arguments);
    assert!(success, "{arguments:?}: {text}");
    text
}

async fn execute(database: &TestDatabase, sql: &str) {
    let result = database.connection.execute_unprepared(sql).await;
    result.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// An organization with two registered events in different zones, and an unregistered one.
struct Crowd {
    tenant: Uuid,
    events: [Uuid; 3],
    rng: StdRng,
}

impl Crowd {
    async fn gather(world: &World) -> Self {
        let tenant = Uuid::now_v7();
        let events = [
            world.publish_event(tenant, Some("America/New_York")).await,
            world.publish_event(tenant, None).await,
            Uuid::now_v7(),
        ];
        let rng = StdRng::seed_from_u64(7);
        Self {
            tenant,
            events,
            rng,
        }
    }

    /// Anything that may happen at one of the events.
    fn fact(&mut self) -> Fact {
        let kinds = [
            "page.view",
            "page.view",
            "page.view",
            "registration.started",
            "registration.completed",
            "checkin.completed",
            "payment.completed",
            "newsletter.opened",
        ];
        let kind = kinds[self.rng.random_range(0..kinds.len())];
        let event = self.events[self.rng.random_range(0..3)];
        let age = Duration::minutes(self.rng.random_range(0..20_000));
        let (visitor, ticket) = (self.rng.random_range(0..30), self.rng.random_range(0..3));
        let mut properties = json!({
            "visitorId": format!("browser-{visitor}"),
            "source": format!("source-{}", self.rng.random_range(0..3)),
            "registrationId": Uuid::from_u128(self.rng.random_range(0..40)),
            "ticketTypeId": Uuid::from_u128(ticket),
            "ticketTypeName": format!("Ticket {ticket} v{}", self.rng.random_range(0..3)),
        });
        if kind == "payment.completed" {
            properties["paymentId"] = json!(Uuid::from_u128(self.rng.random_range(0..40)));
            properties["amountCents"] = json!(self.rng.random_range(100..9_000));
            properties["currency"] = "EUR".into();
        }
        let user = self.rng.random_ratio(1, 3);
        let user = user.then(|| self.rng.random_range(1..10));
        if let Some(user) = user {
            // A browser has one user: of several, the hash function would select one.
            properties["visitorId"] = format!("browser-{user}").into();
        }
        let fact = Fact::new(kind, event)
            .at(clock::now() - age)
            .properties(properties);
        match user {
            Some(user) => fact.user(Uuid::from_u128(user)),
            None => fact,
        }
    }

    async fn send(&mut self, write: &Api, facts: usize) {
        let service = write.of_service(self.tenant);
        let sent = (0..facts).map(|_| {
            let (service, fact) = (&service, self.fact());
            async move { service.track(&fact).await }
        });
        futures_util::future::join_all(sent).await;
    }

    /// All figures of the events and the organization.
    async fn figures(&self, world: &World) -> Value {
        let read = world.read().of_tenant(self.tenant);
        let mut figures = Vec::new();
        for event in self.events {
            figures.push(read.read(&format!("/events/{event}/dashboard")).await);
            figures.push(read.read(&format!("/events/{event}/funnel")).await);
            // From the raw facts, not from the rollup.
            let elsewhere = format!("/events/{event}/dashboard?timezone=Asia/Kathmandu");
            figures.push(read.read(&elsewhere).await);
        }
        figures.push(
            read.read(&format!("/organizations/{}/report", self.tenant))
                .await,
        );
        for answer in &mut figures {
            answer.as_object_mut().unwrap().remove("asOf");
        }
        figures.into()
    }
}

/// Runs `verify` until it finds no difference, for at most half a minute.
async fn until_verified(database: &TestDatabase) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let (success, text) = run(database, &["verify"]);
        if success {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{text}");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}
