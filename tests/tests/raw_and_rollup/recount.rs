//! The naive recount: every figure, computed separately from the stored facts.

mod comparison;
mod event_day;
mod filter;
mod funnel;
mod hours;
mod people;
mod series;
mod times;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    rc::Rc,
};

use analytics_tests::world::World;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use uuid::Uuid;

pub use filter::Filter;
use people::Group;
pub use series::GRANULARITIES;

/// The types whose facts name ticket types.
const NAMING: [&str; 5] = [
    "registration.completed",
    "registration.cancelled",
    "checkin.completed",
    "payment.completed",
    "payment.refunded",
];

#[derive(Clone)]
struct Fact {
    event_id: Option<Uuid>,
    event_type: String,
    user_id: Option<Uuid>,
    /// The hash of the user in the rollup: a browser of several users is the one with the smallest.
    user_hash: Option<i64>,
    properties: Value,
    at: DateTime<Tz>,
    day: NaiveDate,
}

/// Facts of a period, to be counted.
pub struct Recount {
    facts: Vec<Fact>,
    /// All facts, from which ticket types take their names, also if only some are counted.
    naming: Rc<Vec<Fact>>,
    /// All facts, which link browsers to users and of which the funnel selects people, also if only some are counted.
    all: Rc<Vec<Fact>>,
    filter: Filter,
    group: Group,
    zone: Tz,
    period: (NaiveDate, NaiveDate),
}

impl Fact {
    fn is(&self, event_type: &str) -> bool {
        self.event_type == event_type
    }

    fn text(&self, name: &str) -> Option<String> {
        self.properties[name].as_str().map(str::to_owned)
    }

    fn visitor(&self) -> Option<String> {
        self.user_id
            .map(|user| user.to_string())
            .or_else(|| self.text("visitorId"))
    }
}

impl Recount {
    /// Reads the facts of `sql` and keeps those of the period's days in `zone`.
    pub async fn of(world: &World, sql: &str, zone: Tz, period: (NaiveDate, NaiveDate)) -> Self {
        let rows = world.database.rows(sql).await;
        let facts = rows.iter().map(|row| {
            let at: DateTime<Utc> = row.try_get("", "created_at").unwrap();
            let at = at.with_timezone(&zone);
            Fact {
                event_id: row.try_get("", "event_id").unwrap(),
                event_type: row.try_get("", "event_type").unwrap(),
                user_id: row.try_get("", "user_id").unwrap(),
                user_hash: row.try_get("", "user_hash").unwrap(),
                properties: row.try_get("", "properties").unwrap(),
                at,
                day: at.date_naive(),
            }
        });
        let facts = facts.filter(|fact| (period.0..=period.1).contains(&fact.day));
        let mut facts: Vec<_> = facts.collect();
        facts.sort_by_key(|fact| fact.at);
        Self::naming_by_themselves(facts, zone, period)
    }

    fn naming_by_themselves(facts: Vec<Fact>, zone: Tz, period: (NaiveDate, NaiveDate)) -> Self {
        let are_naming = |fact: &&Fact| NAMING.contains(&fact.event_type.as_str());
        let naming = facts.iter().filter(are_naming).cloned().collect();
        Self {
            all: Rc::new(facts.clone()),
            facts,
            naming: Rc::new(naming),
            filter: Filter::default(),
            group: Group::default(),
            zone,
            period,
        }
    }

    /// Only the facts of one event.
    pub fn of_event(&self, event: Uuid) -> Self {
        let facts = self.facts.iter();
        let of_event = facts.filter(|fact| fact.event_id == Some(event)).cloned();
        Self::naming_by_themselves(of_event.collect(), self.zone, self.period)
    }

    /// Only some of the facts.
    fn of_facts(&self, wanted: impl Fn(&Fact) -> bool) -> Self {
        let facts = self.facts.iter().filter(|fact| wanted(fact));
        Self {
            facts: facts.cloned().collect(),
            naming: Rc::clone(&self.naming),
            all: Rc::clone(&self.all),
            group: self.group.clone(),
            ..*self
        }
    }

    /// The number of facts.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// The dashboard's figures.
    pub fn dashboard(&self) -> Value {
        let all: Vec<&Fact> = self.facts.iter().collect();
        let mut dashboard = totals(&all);
        dashboard["bySourceAndTicketType"] = self.by_source_and_ticket_type();
        dashboard["byDay"] = self.by_day();
        dashboard["byTicketType"] = self.by_ticket_type();
        dashboard["bySource"] = self.by_source();
        // All entries are listed.
        for others in [
            "otherTicketTypes",
            "otherSources",
            "otherSourcesAndTicketTypes",
        ] {
            dashboard[others] = Value::Null;
        }
        dashboard
    }

    /// The totals of an event, or of all events.
    pub fn totals(&self) -> Value {
        totals(&self.of_events())
    }

    /// Confirmed registrations without a check-in.
    pub fn no_shows(&self) -> u64 {
        let facts = self.of_events();
        let [registered, cancelled, checked_in] = [
            "registration.completed",
            "registration.cancelled",
            "checkin.completed",
        ]
        .map(|of| count(&facts, of));
        let confirmed = registered.saturating_sub(cancelled);
        confirmed.saturating_sub(checked_in)
    }

    /// The number of attendees, and of those at more than one event.
    pub fn attendance(&self) -> (usize, usize) {
        let mut came: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
        for fact in self.of_events() {
            if let (true, Some(visitor)) = (fact.is("checkin.completed"), fact.visitor()) {
                came.entry(visitor).or_default().extend(fact.event_id);
            }
        }
        let returning = came.values().filter(|events| events.len() > 1);
        (came.len(), returning.count())
    }

    fn of_events(&self) -> Vec<&Fact> {
        let facts = self.facts.iter();
        facts.filter(|fact| fact.event_id.is_some()).collect()
    }

    pub(super) fn by_day(&self) -> Value {
        let days = self
            .period
            .0
            .iter_days()
            .take_while(|day| *day <= self.period.1);
        days.map(|day| {
            let facts: Vec<&Fact> = self.facts.iter().filter(|fact| fact.day == day).collect();
            let mut row = figures(&facts);
            row["date"] = json!(day);
            row
        })
        .collect()
    }

    fn by_source(&self) -> Value {
        let sources = self.sources().into_iter().map(|source| {
            let facts: Vec<&Fact> = self.facts.iter().filter(|fact| fact.text("source").as_ref() == Some(&source)).collect();
            json!({"source": source, "views": count(&facts, "page.view"), "uniqueViews": visitors(&facts, "page.view"),
                   "registrations": count(&facts, "registration.completed"), "checkIns": count(&facts, "checkin.completed"),
                   "convertedVisitors": self.converted(&source),
                   "conversionRate": rate(self.converted(&source), visitors(&facts, "page.view"))})
        });
        sources
            .filter(|row| {
                ["views", "registrations", "checkIns"]
                    .iter()
                    .any(|name| row[*name] != 0)
            })
            .collect()
    }

    fn sources(&self) -> BTreeSet<String> {
        let facts = self.facts.iter();
        facts.filter_map(|fact| fact.text("source")).collect()
    }

    fn by_ticket_type(&self) -> Value {
        self.ticket_types(|_| true).collect()
    }

    fn by_source_and_ticket_type(&self) -> Value {
        let of_source = |source: String| {
            let types = self.ticket_types(|fact| fact.text("source").as_ref() == Some(&source));
            let rows = types.map(|mut row| {
                row["source"] = json!(source);
                row
            });
            rows.collect::<Vec<_>>()
        };
        self.sources().into_iter().flat_map(of_source).collect()
    }

    fn ticket_types(&self, matching: impl Fn(&Fact) -> bool) -> impl Iterator<Item = Value> {
        let mut groups: BTreeMap<(Option<String>, Option<String>), Vec<&Fact>> = BTreeMap::new();
        for fact in self.facts.iter().filter(|fact| matching(fact)) {
            groups.entry(self.ticket_type(fact)).or_default().push(fact);
        }
        let rows = groups.into_iter().map(|((id, name), facts)| {
            json!({"ticketTypeId": id, "ticketTypeName": name,
                   "registrations": count(&facts, "registration.completed"),
                   "cancellations": count(&facts, "registration.cancelled"),
                   "checkIns": count(&facts, "checkin.completed")})
        });
        rows.filter(|row| {
            ["registrations", "cancellations", "checkIns"]
                .iter()
                .any(|name| row[*name] != 0)
        })
    }

    /// The id and the name of a fact's ticket type in this period, from facts that need a token.
    fn ticket_type(&self, fact: &Fact) -> (Option<String>, Option<String>) {
        let (id, name) = (fact.text("ticketTypeId"), fact.text("ticketTypeName"));
        if id.is_some() || name.is_none() {
            return (id, name);
        }
        let ids: BTreeSet<String> = self
            .naming
            .iter()
            .filter(|other| other.text("ticketTypeName") == name)
            .filter_map(|other| other.text("ticketTypeId"))
            .collect();
        let only = if ids.len() == 1 {
            ids.into_iter().next()
        } else {
            None
        };
        (only, name)
    }
}

/// The counts of a time bucket.
fn figures(facts: &[&Fact]) -> Value {
    json!({"views": count(facts, "page.view"), "uniqueViews": visitors(facts, "page.view"),
           "registrations": count(facts, "registration.completed"),
           "cancellations": count(facts, "registration.cancelled"),
           "checkIns": count(facts, "checkin.completed")})
}

/// A time in the format of a response, except for its fraction and the offset 0.
pub fn moment<T: TimeZone<Offset: Display>>(at: &DateTime<T>) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::Micros, false))
}

/// The metrics, cancellations, payments and refunds.
fn totals(facts: &[&Fact]) -> Value {
    let mut totals = metrics(facts);
    let cancelled = count(facts, "registration.cancelled");
    totals["cancellations"] = cancelled.into();
    totals["cancellationRate"] = json!(rate(cancelled, count(facts, "registration.completed")));
    let mut sums: BTreeMap<String, [(i64, u64); 2]> = BTreeMap::new();
    for (at, kind) in ["payment.completed", "payment.refunded"].iter().enumerate() {
        for fact in facts.iter().filter(|fact| fact.is(kind)) {
            let sum = &mut sums.entry(fact.text("currency").unwrap()).or_default()[at];
            sum.0 += fact.properties["amountCents"].as_i64().unwrap();
            sum.1 += 1;
        }
    }
    let rates = [
        "viewToRegistrationRate",
        "registrationToCheckinRate",
        "cancellationRate",
    ];
    totals["basis"] = basis(rates.map(|name| totals[name].as_f64()));
    let revenue = sums.into_iter().map(|(currency, [paid, refunded])| {
        json!({"currency": currency, "amountCents": paid.0, "payments": paid.1,
               "refundedCents": refunded.0, "refunds": refunded.1})
    });
    totals["revenue"] = revenue.collect();
    totals
}

fn metrics(facts: &[&Fact]) -> Value {
    let (views, registrations) = (
        count(facts, "page.view"),
        count(facts, "registration.completed"),
    );
    let (cancelled, checked_in) = (
        count(facts, "registration.cancelled"),
        count(facts, "checkin.completed"),
    );
    json!({
        "totalViews": views, "uniqueViews": visitors(facts, "page.view"), "totalRegistrations": registrations,
        "confirmedRegistrations": registrations.saturating_sub(cancelled), "checkedIn": checked_in,
        "viewToRegistrationRate": rate(registrations, views),
        "registrationToCheckinRate": rate(checked_in, registrations),
    })
}

/// The explanation of rates above 1.
fn basis(rates: impl IntoIterator<Item = Option<f64>>) -> Value {
    let exceeds = rates.into_iter().flatten().any(|rate| rate > 1.0);
    json!(exceeds.then_some("factsInPeriod"))
}

fn count(facts: &[&Fact], event_type: &str) -> u64 {
    facts.iter().filter(|fact| fact.is(event_type)).count() as u64
}

fn visitors(facts: &[&Fact], event_type: &str) -> u64 {
    let seen: BTreeSet<String> = facts
        .iter()
        .filter(|fact| fact.is(event_type))
        .filter_map(|fact| fact.visitor())
        .collect();
    seen.len() as u64
}

/// The ratio of two counts.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
