//! Random cases: facts of two events of an organization, around the midnights of a zone and near its latest clock
//! change; and requests.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use futures_util::StreamExt;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::recount::Filter;

/// Zones with and without clock changes, with unusual offsets, on both hemispheres.
pub const ZONES: [&str; 7] = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Apia",
];
const TYPES: [&str; 11] = [
    "page.view",
    "page.view",
    "page.view",
    "page.view",
    "registration.started",
    "registration.completed",
    "registration.cancelled",
    "checkin.completed",
    "payment.completed",
    "payment.refunded",
    "newsletter.opened",
];

/// The steps of a registration.
const STEPS: [&str; 3] = [
    "registration.started",
    "registration.completed",
    "checkin.completed",
];

/// Filters.
const SOURCES: [&str; 3] = ["source 0", "source 1", "unknown"];
const TICKET_TYPES: [&str; 6] = ["t1", "t2", "VIP", "Standard", "Early", ""];

/// One fact.
#[derive(Clone, Debug)]
pub struct Sent {
    event: usize,
    event_type: usize,
    /// Days before the anchor, and seconds around the midnight in the requested zone.
    age: (i64, i64),
    visitor: Option<u8>,
    is_user: bool,
    /// The browser of a user.
    browser: Option<u8>,
    source: Option<u8>,
    ticket: u8,
    /// The registration; several facts have the same, and some have none.
    registration: Option<u8>,
}

/// A random case.
#[derive(Clone, Debug)]
pub struct Case {
    facts: Vec<Sent>,
    /// The zone of each event.
    pub event_zones: [Option<usize>; 2],
    /// Whether the events are published before their facts or after.
    pub published_first: bool,
    /// The requested zone.
    pub asked_zone: usize,
    /// Days before the anchor: from, to.
    pub period: (i64, i64),
    /// The index of the source and of the ticket type to filter by.
    filter: (Option<usize>, Option<usize>),
}

impl Case {
    /// The filters by source and by ticket type.
    pub fn filter(&self) -> Filter {
        Filter {
            source: self.filter.0.map(|at| SOURCES[at]),
            ticket_type: self.filter.1.map(|at| TICKET_TYPES[at]),
        }
    }
}

/// A random fact at a random time.
fn facts() -> impl Strategy<Value = Sent> {
    (
        0..2_usize,
        0..TYPES.len(),
        ages(),
        prop::option::of(0..6_u8),
        (any::<bool>(), prop::option::of(0..6_u8)),
        prop::option::of(0..3_u8),
        prop_oneof![3 => Just(0_u8), 2 => 0..6_u8],
        prop::option::weighted(0.7, 0..6_u8),
    )
        .prop_map(
            |(
                event,
                event_type,
                age,
                visitor,
                (is_user, browser),
                source,
                ticket,
                registration,
            )| Sent {
                event,
                event_type,
                age,
                visitor,
                is_user,
                browser,
                source,
                ticket,
                registration,
            },
        )
}

/// A time of day, mostly near midnight and in the hours of clock changes.
fn ages() -> impl Strategy<Value = (i64, i64)> {
    let second = prop_oneof![0..86_400_i64, -60..60_i64, 0..14_400_i64];
    (0..6_i64, second)
}

/// The facts of one registration: mostly in order, and with a start that may lack its id.
fn registrations() -> impl Strategy<Value = Vec<Sent>> {
    let spans = [-600..7_200_i64, -600..40_000_i64];
    (facts(), 6..40_u8, any::<bool>(), spans).prop_map(|(fact, registration, is_named, spans)| {
        let (started, completed) = (fact.age.1, fact.age.1 + spans[0]);
        let times = [started, completed, completed + spans[1]];
        let steps = STEPS.into_iter().zip(times);
        let facts = steps.map(|(step, second)| Sent {
            event_type: position(step),
            age: (fact.age.0, second),
            registration: (is_named || step != STEPS[0]).then_some(registration),
            ..fact.clone()
        });
        facts.collect()
    })
}

fn position(event_type: &str) -> usize {
    let mut types = TYPES.iter();
    types.position(|one| *one == event_type).unwrap()
}

/// All random cases.
pub fn cases() -> impl Strategy<Value = Case> {
    let zone = || prop::option::of(0..ZONES.len());
    (
        prop::collection::vec(facts(), 1..60),
        prop::collection::vec(registrations(), 0..10),
        [zone(), zone()],
        any::<bool>(),
        0..ZONES.len(),
        (0..6_i64, 0..6_i64),
        (
            prop::option::of(0..SOURCES.len()),
            prop::option::of(0..TICKET_TYPES.len()),
        ),
    )
        .prop_map(
            |(facts, registrations, event_zones, published_first, asked_zone, (a, b), filter)| {
                Case {
                    facts: facts.into_iter().chain(registrations.concat()).collect(),
                    event_zones,
                    published_first,
                    asked_zone,
                    period: (a.max(b), a.min(b)),
                    filter,
                }
            },
        )
}

/// Some days after the latest clock change of a zone, so that the period contains a day of 23 or 25 hours (or
/// 23.5 or 24.5); without clock changes, the day before yesterday.
pub fn anchor(zone: usize) -> NaiveDate {
    let zone: Tz = ZONES[zone].parse().unwrap();
    let noon = |day: NaiveDate| zone.from_utc_datetime(&day.and_hms_opt(12, 0, 0).unwrap());
    let latest = clock::now().date_naive() - Duration::days(2);
    let has_changed =
        |day: &NaiveDate| noon(*day).offset().fix() != noon(day.pred_opt().unwrap()).offset().fix();
    let days = latest.iter_days().rev().take(300);
    let changed = days.into_iter().find(has_changed);
    changed.map_or(latest, |day| (day + Duration::days(4)).min(latest))
}

/// The start of both events, on a day with facts.
pub fn starts_at(case: &Case) -> DateTime<Utc> {
    let day = anchor(case.asked_zone) - Duration::days(2);
    day.and_time(NaiveTime::MIN).and_utc() + Duration::hours(8)
}

/// The message that publishes an event in a zone.
pub fn published(
    tenant: Uuid,
    event: Uuid,
    case: &Case,
    zone: Option<usize>,
    occurred_at: DateTime<Utc>,
) -> Value {
    json!({"eventId": event, "tenantId": tenant, "title": "T", "slug": "t",
        "startsAt": starts_at(case), "publishedAt": "2026-01-01T00:00:00Z",
        "occurredAt": occurred_at, "timezone": zone.map(|zone| ZONES[zone])})
}

/// Publishes the events.
pub async fn publish(world: &World, tenant: Uuid, events: [Uuid; 2], case: &Case) {
    for (event, zone) in events.iter().zip(case.event_zones) {
        let occurred_at = "2026-01-01T00:00:00Z".parse().unwrap();
        let body = published(tenant, *event, case, zone, occurred_at);
        world.broker.publish("event.published", &body).await;
    }
    let registered = format!(
        "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE tenant_id = '{tenant}'"
    );
    world.until(&registered, 2).await;
}

/// Sends the facts.
pub async fn send(world: &World, tenant: Uuid, events: [Uuid; 2], case: &Case) {
    let service = world.write().with_role("SERVICE");
    let zone: Tz = ZONES[case.asked_zone].parse().unwrap();
    let sending = case.facts.iter().enumerate().map(|(n, fact)| {
        let day = anchor(case.asked_zone) - Duration::days(fact.age.0);
        let midnight = zone
            .from_local_datetime(&day.and_time(NaiveTime::MIN))
            .earliest();
        // A day without a midnight starts after the clock change.
        let midnight =
            midnight.unwrap_or_else(|| zone.from_utc_datetime(&day.and_time(NaiveTime::MIN)));
        let milliseconds = i64::try_from(n * 37 % 1_000).unwrap();
        let at = midnight.with_timezone(&Utc)
            + Duration::seconds(fact.age.1)
            + Duration::milliseconds(milliseconds);
        let mut body = Fact::new(TYPES[fact.event_type], events[fact.event])
            .tenant(tenant)
            .at(at)
            .properties(properties(fact, n));
        if let (Some(visitor), true) = (fact.visitor, fact.is_user) {
            body = body.user(Uuid::from_u128(u128::from(visitor) + 1));
        }
        let service = service.clone();
        async move { service.track(&body).await }
    });
    // In several rounds, so that several batches have the same keys.
    let mut waves = futures_util::stream::iter(sending).buffer_unordered(8);
    while waves.next().await.is_some() {}
}

fn properties(fact: &Sent, n: usize) -> Value {
    let mut properties = json!({"paymentId": format!("p{n}"), "amountCents": 100 * n, "currency": if n.is_multiple_of(3) { "USD" } else { "EUR" }});
    if let Some(registration) = fact.registration {
        properties["registrationId"] = format!("r{registration} of {}", fact.event).into();
    }
    let browser = if fact.is_user {
        fact.browser
    } else {
        fact.visitor
    };
    if let Some(visitor) = browser {
        properties["visitorId"] = format!("visitor {visitor}").into();
    }
    if let Some(source) = fact.source {
        properties["source"] = format!("source {source}").into();
    }
    // Some producers send the id of a ticket type, some its name, some both.
    let (id, name) = [
        (None, None),
        (Some("t1"), None),
        (Some("t2"), Some("VIP")),
        (None, Some("VIP")),
        (None, Some("Standard")),
        (Some("t3"), Some("Early")),
    ][usize::from(fact.ticket)];
    if let Some(id) = id {
        properties["ticketTypeId"] = id.into();
    }
    if let Some(name) = name {
        properties["ticketTypeName"] = name.into();
    }
    properties
}
