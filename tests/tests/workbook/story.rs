//! An event with several weeks of facts, many sources and currencies.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use uuid::Uuid;

pub const ZONE: &str = "Europe/Berlin";

/// Traffic sources: more than the first sheet lists, one that looks like a formula, and a long one.
const SOURCES: [&str; 13] = [
    "direct",
    "newsletter",
    "instagram",
    "telegram",
    "google",
    "partner-university-of-applied-sciences-and-arts",
    "=1+1",
    "vk",
    "facebook",
    "linkedin",
    "qr-code",
    "radio",
    "press",
];
const TICKET_TYPES: [&str; 4] = ["Early bird", "Standard", "VIP", "+Студенческий"];
/// Currencies with two, no and three decimal places.
const CURRENCIES: [(&str, i64); 3] = [("EUR", 4_905), ("JPY", 7_300), ("KWD", 15_250)];

/// An event whose facts are all days of a period.
pub struct Story {
    pub tenant: Uuid,
    pub event: Uuid,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Story {
    /// The fields of an export of the event.
    pub fn request(&self, more: &Value) -> Value {
        let mut request = json!({"eventId": self.event, "dateFrom": self.from, "dateTo": self.to});
        let fields = more.as_object().unwrap().clone();
        request.as_object_mut().unwrap().extend(fields);
        request
    }

    /// The same period as the parameters of a dashboard.
    pub fn query(&self) -> String {
        format!("?dateFrom={}&dateTo={}&size=10", self.from, self.to)
    }
}

/// Publishes an event with this title; returns its id.
pub async fn publish(world: &World, tenant: Uuid, title: &str) -> Uuid {
    let event = Uuid::now_v7();
    let body = json!({
        "eventId": event, "tenantId": tenant, "title": title, "slug": "an-event", "timezone": ZONE,
        "startsAt": clock::now(), "publishedAt": "2026-01-02T09:00:00Z",
        "occurredAt": "2026-01-02T09:00:00Z",
    });
    world.broker.publish("event.published", &body).await;
    let registered = "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE event_id =";
    world.until(&format!("{registered} '{event}'"), 1).await;
    event
}

/// An event with facts on each of the last `days` days; people check in on the last one.
pub async fn tell(world: &World, title: &str, days: u64) -> Story {
    let tenant = Uuid::now_v7();
    let event = publish(world, tenant, title).await;
    let now = clock::now() - chrono::Duration::minutes(5);
    let mut facts: Vec<Value> = Vec::new();
    for day in 0..days {
        let at = now - Days::new(day);
        // More people come towards the event.
        let people = 6 + 3 * (days - day) / 2 % 20;
        for person in 0..people {
            let number = day * 100 + person;
            let source = SOURCES[usize::try_from(number * 7 % 29 % 13).unwrap()];
            let new = |kind: &str| {
                Fact::new(kind, event)
                    .id(Uuid::new_v4())
                    .at(at)
                    .visitor(format!("v{number}"))
                    .source(source)
            };
            facts.push(new("page.view").into());
            if person % 3 != 0 {
                continue;
            }
            let ticket_type = TICKET_TYPES[usize::try_from(number % 4).unwrap()];
            let registered = |kind: &str| {
                let fact = new(kind).property("ticketTypeName", ticket_type);
                fact.registration(format!("r{number}"))
            };
            facts.push(registered("registration.completed").into());
            let (currency, amount) = CURRENCIES[usize::try_from(number % 3).unwrap()];
            let payment = registered("payment.completed");
            let payment = payment.payment(format!("p{number}"), amount, currency);
            facts.push(payment.into());
            if person % 5 == 0 {
                facts.push(registered("registration.cancelled").into());
            } else if day % 2 == 0 {
                facts.push(registered("checkin.completed").at(now).into());
            }
        }
    }
    let service = world.write().of_service(tenant);
    for batch in facts.chunks(200) {
        let answer = service.post("/track/batch", &json!(batch)).await;
        let receipts: Value = answer.json().await.unwrap();
        assert_eq!(receipts["totals"]["stored"], batch.len(), "{receipts}");
    }
    let today = now.with_timezone(&ZONE.parse::<chrono_tz::Tz>().unwrap());
    let to = today.date_naive();
    Story {
        tenant,
        event,
        from: to - Days::new(days),
        to,
    }
}
