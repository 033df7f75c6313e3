//! A tenant with its ids. Two twins of a case store the same facts with different ids.

use std::time::{Duration, Instant};

use analytics_shared::clock;
use analytics_tests::{exported::Exported, fact::Fact, world::World};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::steps::VictimFact;

/// The namespace of the ids of lifecycle facts from messages.
const LIFECYCLE: Uuid = Uuid::from_u128(0x6a1f_54c0_7d3e_5b8e_9c42_2f0e_8d71_b6a3);
/// The numbers of registrations.
const NUMBERS: u8 = 3;

/// A tenant with its ids.
pub struct Twin {
    case: Uuid,
    name: &'static str,
    began: DateTime<Utc>,
}

impl Twin {
    /// The twin of a case with this name.
    pub fn new(case: Uuid, name: &'static str) -> Self {
        let began = clock::now().trunc_subsecs(0);
        Self { case, name, began }
    }

    /// Ids that do not exist, with the same times.
    pub fn unknown(&self) -> Self {
        Self {
            name: "unknown",
            ..*self
        }
    }

    /// More of them.
    pub fn unknown_again(&self) -> Self {
        Self {
            name: "unknown again",
            ..*self
        }
    }

    fn id(&self, what: &str, number: u8) -> Uuid {
        Uuid::new_v5(
            &self.case,
            format!("{}/{what}/{number}", self.name).as_bytes(),
        )
    }

    pub fn tenant(&self) -> Uuid {
        self.id("tenant", 0)
    }

    pub fn event(&self) -> Uuid {
        self.id("event", 0)
    }

    pub fn user(&self) -> Uuid {
        self.id("user", 0)
    }

    pub fn registration(&self, number: u8) -> Uuid {
        self.id("registration", number)
    }

    pub fn payment(&self, number: u8) -> Uuid {
        self.id("payment", number)
    }

    /// The time of the facts with this number: whole seconds, as in messages.
    pub fn time(&self, number: u8) -> DateTime<Utc> {
        self.began + TimeDelta::seconds(i64::from(number))
    }

    /// The id of a fact: one that is sent, or that of a lifecycle fact from a message.
    pub fn fact_id(&self, kind: u8, number: u8) -> Uuid {
        let tenant = self.tenant();
        let lifecycle = |name: String| Uuid::new_v5(&LIFECYCLE, name.as_bytes());
        match kind {
            0 => self.id("view", number),
            1 => lifecycle(format!(
                "{tenant}/payment.completed/{}",
                self.payment(number)
            )),
            2 => lifecycle(format!(
                "{tenant}/registration.completed/{}",
                self.registration(number)
            )),
            _ => lifecycle(format!(
                "{tenant}/checkin.completed/{}",
                self.registration(number)
            )),
        }
    }

    /// Sends a fact; returns the status of its receipt, if it has one.
    pub async fn send(&self, world: &World, fact: &VictimFact) -> Option<String> {
        let service = world.write().with_role("SERVICE");
        let (sender, fact) = match *fact {
            VictimFact::ServiceView(number) => {
                let view = Fact::view(self.event()).id(self.fact_id(0, number));
                (service, view.at(self.time(number)).user(self.user()))
            }
            VictimFact::UserView(number) => {
                let view = Fact::view(self.event()).id(self.fact_id(0, number));
                let user = world.write().of_user(self.tenant(), self.user());
                (user, view.at(self.time(number)))
            }
            VictimFact::ServicePayment(number) => {
                let payment = Fact::new("payment.completed", self.event())
                    // Another one than that of a message, which may be consumed at any time.
                    .payment(self.payment(number + NUMBERS), 49_900, "EUR")
                    .registration(self.registration(number));
                (service, payment.at(self.time(number)))
            }
            VictimFact::Registered(number) => {
                self.publish(world, "registration.created", self.registered(number))
                    .await;
                return None;
            }
            VictimFact::Cancelled(number) => {
                self.publish(world, "registration.cancelled", self.registered(number))
                    .await;
                return None;
            }
            VictimFact::Paid(number) => {
                let body = json!({"paymentId": self.payment(number), "amountCents": 49_900,
                    "currency": "EUR", "registrationId": self.registration(number),
                    "occurredAt": self.time(number)});
                self.publish(world, "payment.completed", body).await;
                return None;
            }
            VictimFact::CheckedIn(number) => {
                let body = json!({"registrationId": self.registration(number),
                    "occurredAt": self.time(number)});
                self.publish(world, "checkin.completed", body).await;
                return None;
            }
        };
        Some(sender.track(&fact).await.status)
    }

    async fn publish(&self, world: &World, key: &str, body: Value) {
        world.broker.publish(key, &body).await;
    }

    fn registered(&self, number: u8) -> Value {
        json!({"registrationId": self.registration(number), "eventId": self.event(),
            "tenantId": self.tenant(), "userId": self.user(), "ticketTypeName": "VIP",
            "occurredAt": self.time(number)})
    }

    /// Publishes all registrations, so that no message waits for one.
    pub async fn publish_registrations(&self, world: &World) {
        for number in 0..NUMBERS {
            self.publish(world, "registration.created", self.registered(number))
                .await;
        }
    }

    /// Waits until all registrations are stored and no message waits.
    pub async fn until_settled(&self, world: &World) {
        let tenant = self.tenant();
        let registrations = format!(
            "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger
             WHERE tenant_id = '{tenant}' AND event_type = 'registration.completed' AND NOT is_claim"
        );
        world.until(&registrations, i64::from(NUMBERS)).await;
        let facts = format!(
            "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE tenant_id = '{tenant}'"
        );
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut before = None;
        loop {
            let waiting = world.broker.waiting("").await + world.broker.waiting(".retry").await;
            let stored = world.database.number(&facts).await;
            if waiting == 0 && before == Some(stored) {
                return;
            }
            before = (waiting == 0).then_some(stored);
            assert!(Instant::now() < deadline, "{waiting} messages wait");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// The rows of the export of registrations, without the ids by which twins differ.
    pub async fn registrations(&self, world: &World) -> Vec<Vec<String>> {
        let today = clock::now().date_naive();
        let body = json!({"organizationId": self.tenant(), "dataset": "registrations",
            "dateFrom": today - TimeDelta::days(1), "dateTo": today + TimeDelta::days(1),
            "format": "csv"});
        let read = world.read().of_tenant(self.tenant());
        let csv = read.post("/export", &body).await.bytes().await.unwrap();
        let mut names = vec![
            (self.event().to_string(), "event".to_owned()),
            (self.user().to_string(), "user".to_owned()),
        ];
        for number in 0..NUMBERS {
            let id = self.registration(number).to_string();
            names.push((id, format!("registration {number}")));
        }
        let rows = Exported::csv(&csv, b',').rows.into_iter().map(|row| {
            let cells = row.into_iter().map(|cell| {
                let name = names.iter().find(|(id, _)| *id == cell);
                name.map_or(cell, |(_, name)| name.clone())
            });
            cells.collect::<Vec<_>>()
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_unstable();
        rows
    }
}
