//! The datasets, computed naively from the stored facts.

use std::collections::{BTreeMap, BTreeSet};

use analytics_tests::world::World;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use uuid::Uuid;

struct Fact {
    event_id: Uuid,
    event_type: String,
    properties: Value,
    at: DateTime<Utc>,
    day: NaiveDate,
}

/// Facts of a period.
pub struct Recount {
    facts: Vec<Fact>,
    zone: Tz,
}

impl Fact {
    fn is(&self, event_type: &str) -> bool {
        self.event_type == event_type
    }

    fn text(&self, name: &str) -> &str {
        self.properties[name].as_str().unwrap_or_default()
    }
}

impl Recount {
    /// The stored facts of a tenant, or of one event of it, on days of `period` in `zone`.
    pub async fn of(
        world: &World,
        tenant: Uuid,
        event: Option<Uuid>,
        zone: Tz,
        period: (NaiveDate, NaiveDate),
    ) -> Self {
        let sql = format!(
            "SELECT event_id, event_type, properties, created_at
             FROM analytics_service.analytics_events WHERE tenant_id = '{tenant}'
             ORDER BY created_at, id"
        );
        let rows = world.database.rows(&sql).await;
        let facts = rows.iter().map(|row| {
            let at: DateTime<Utc> = row.try_get("", "created_at").unwrap();
            Fact {
                event_id: row.try_get("", "event_id").unwrap(),
                event_type: row.try_get("", "event_type").unwrap(),
                properties: row.try_get("", "properties").unwrap(),
                at,
                day: at.with_timezone(&zone).date_naive(),
            }
        });
        let facts = facts
            .filter(|fact| (period.0..=period.1).contains(&fact.day))
            .filter(|fact| event.is_none_or(|event| fact.event_id == event));
        Self {
            facts: facts.collect(),
            zone,
        }
    }

    /// The number of facts.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    fn counted(&self) -> impl Iterator<Item = &Fact> {
        self.facts
            .iter()
            .filter(|fact| fact.properties["robot"] != true)
    }

    /// One row for each event and day.
    pub fn daily(&self) -> Vec<Value> {
        let mut days: BTreeMap<(Uuid, NaiveDate), Vec<&Fact>> = BTreeMap::new();
        let known = self.counted().filter(|fact| !fact.is("newsletter.opened"));
        for fact in known {
            days.entry((fact.event_id, fact.day))
                .or_default()
                .push(fact);
        }
        let rows = days.into_iter().map(|((event_id, day), facts)| {
            let count = |name: &str| facts.iter().filter(|fact| fact.is(name)).count();
            let views = facts.iter().filter(|fact| fact.is("page.view"));
            let visitors: BTreeSet<&str> = views.map(|fact| fact.text("visitorId")).collect();
            let row = json!({"eventId": event_id, "title": "A Conference", "date": day,
                "views": count("page.view"), "uniqueViews": visitors.len(),
                "registrationsStarted": count("registration.started"),
                "registrations": count("registration.completed"),
                "cancellations": count("registration.cancelled"),
                "checkIns": count("checkin.completed"), "payments": count("payment.completed"),
                "refunds": count("payment.refunded")});
            with_money(row, &facts)
        });
        rows.collect()
    }

    /// One row for each registration, by the time of its first fact.
    pub fn registrations(&self) -> Vec<Value> {
        let mut registrations: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
        let named = self
            .counted()
            .filter(|fact| !fact.text("registrationId").is_empty());
        for fact in named {
            let id = fact.text("registrationId");
            registrations.entry(id).or_default().push(fact);
        }
        let mut found: Vec<_> = registrations.into_iter().collect();
        found.sort_by_key(|(id, facts)| (facts[0].at, *id));
        let rows = found.into_iter().map(|(id, facts)| {
            let first = |name: &str| facts.iter().find(|fact| fact.is(name)).copied();
            let at = |name| first(name).map(|fact| self.time(fact.at));
            let leading = first("registration.completed").or(first("registration.started"));
            let leading = leading.unwrap_or(facts[0]);
            let row = json!({"registrationId": id, "eventId": leading.event_id, "userId": null,
                "source": leading.text("source"), "ticketTypeId": null,
                "ticketTypeName": leading.text("ticketTypeName"),
                "startedAt": at("registration.started"),
                "completedAt": at("registration.completed"),
                "cancelledAt": at("registration.cancelled"),
                "checkedInAt": at("checkin.completed"), "paidAt": at("payment.completed"),
                "refundedAt": at("payment.refunded")});
            with_money(row, &facts)
        });
        rows.collect()
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        local.to_rfc3339_opts(SecondsFormat::Micros, false)
    }
}

/// The row with sums by currency, and with numbers for a single currency.
fn with_money(mut row: Value, facts: &[&Fact]) -> Value {
    let mut sums = [Map::new(), Map::new()];
    for (sums, name) in sums
        .iter_mut()
        .zip(["payment.completed", "payment.refunded"])
    {
        for fact in facts.iter().filter(|fact| fact.is(name)) {
            let sum = sums.entry(fact.text("currency")).or_insert(json!(0));
            let amount = fact.properties["amountCents"].as_i64().unwrap();
            *sum = json!(sum.as_i64().unwrap() + amount);
        }
    }
    let currencies: BTreeSet<&String> = sums.iter().flat_map(Map::keys).collect();
    let only = currencies.first().filter(|_| currencies.len() == 1);
    let of_only = |sums: &Map<String, Value>| {
        only.map(|&currency| sums.get(currency).cloned().unwrap_or(json!(0)))
    };
    let object = |sums: &Map<String, Value>| (!sums.is_empty()).then(|| sums.clone());
    row["amountCents"] = json!(of_only(&sums[0]));
    row["refundedCents"] = json!(of_only(&sums[1]));
    row["currency"] = json!(only);
    row["revenue"] = json!(object(&sums[0]));
    row["refunded"] = json!(object(&sums[1]));
    row
}
