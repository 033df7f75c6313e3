//! Raw facts and rollup never disagree: for random facts, zones and periods every figure equals a
//! naive recount of what is stored.

mod recount;

use analytics_shared::clock;
use analytics_tests::{property, world::World};
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use futures_util::StreamExt;
use proptest::prelude::*;
use recount::Recount;
use serde_json::{Value, json};
use uuid::Uuid;

/// Zones with and without changing clocks, at odd offsets, on both hemispheres.
const ZONES: [&str; 7] = [
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

#[derive(Clone, Debug)]
struct Sent {
    event: usize,
    event_type: usize,
    /// Days before the anchor, and seconds around the midnight in the asked zone.
    age: (i64, i64),
    visitor: Option<u8>,
    is_user: bool,
    source: Option<u8>,
    ticket: u8,
}

#[derive(Clone, Debug)]
struct Case {
    facts: Vec<Sent>,
    event_zones: [Option<usize>; 2],
    /// Hours from now until each event begins.
    begins_in: [i64; 2],
    /// Whether the events are published before their facts or after.
    published_first: bool,
    asked_zone: usize,
    /// Days before the anchor: from, to.
    period: (i64, i64),
}

fn cases() -> impl Strategy<Value = Case> {
    // Anywhere in a day, but mostly near midnight and in the hours when clocks are changed.
    let second = prop_oneof![0..86_400_i64, -60..60_i64, 0..14_400_i64];
    let age = (0..6_i64, second);
    let fact = (
        0..2_usize,
        0..TYPES.len(),
        age,
        prop::option::of(0..6_u8),
        any::<bool>(),
        prop::option::of(0..3_u8),
        prop_oneof![3 => Just(0_u8), 2 => 0..6_u8],
    )
        .prop_map(
            |(event, event_type, age, visitor, is_user, source, ticket)| Sent {
                event,
                event_type,
                age,
                visitor,
                is_user,
                source,
                ticket,
            },
        );
    let zone = || prop::option::of(0..ZONES.len());
    (
        prop::collection::vec(fact, 1..80),
        ([zone(), zone()], [-72..72_i64, -72..72_i64]),
        any::<bool>(),
        0..ZONES.len(),
        (0..6_i64, 0..6_i64),
    )
        .prop_map(
            |(facts, (event_zones, begins_in), published_first, asked_zone, (a, b))| Case {
                facts,
                event_zones,
                begins_in,
                published_first,
                asked_zone,
                period: (a.max(b), a.min(b)),
            },
        )
}

#[test]
fn every_figure_equals_a_naive_recount_of_the_stored_facts() {
    property::for_all(&cases(), 24, &check);
}

async fn check(world: &World, case: &Case) {
    let (tenant, events) = (Uuid::now_v7(), [Uuid::now_v7(), Uuid::now_v7()]);
    if case.published_first {
        publish(world, tenant, events, case).await;
    }
    send(world, tenant, events, case).await;
    if !case.published_first {
        publish(world, tenant, events, case).await;
    }
    let anchor = anchor(case.asked_zone);
    let period = (
        anchor - Duration::days(case.period.0),
        anchor - Duration::days(case.period.1),
    );
    for (event, zone) in events.iter().zip(case.event_zones) {
        let own_zone = zone.map_or("UTC", |zone| ZONES[zone]);
        for zone in [own_zone, ZONES[case.asked_zone]] {
            compare_event(world, tenant, *event, zone, period).await;
        }
    }
    compare_organization(world, tenant, ZONES[case.asked_zone], period).await;
}

/// Some days after the latest clock change of a zone, so that the days before it have 23 or 25 hours
/// (or 23 and a half, or 24 and a half); where clocks are never changed, the day before yesterday.
fn anchor(zone: usize) -> NaiveDate {
    let zone: Tz = ZONES[zone].parse().unwrap();
    let noon = |day: NaiveDate| zone.from_utc_datetime(&day.and_hms_opt(12, 0, 0).unwrap());
    let latest = clock::now().date_naive() - Duration::days(2);
    let has_changed =
        |day: &NaiveDate| noon(*day).offset().fix() != noon(day.pred_opt().unwrap()).offset().fix();
    let days = latest.iter_days().rev().take(300);
    let changed = days.into_iter().find(has_changed);
    changed.map_or(latest, |day| (day + Duration::days(4)).min(latest))
}

async fn publish(world: &World, tenant: Uuid, events: [Uuid; 2], case: &Case) {
    let places = case.event_zones.iter().zip(case.begins_in);
    for (event, (zone, begins_in)) in events.iter().zip(places) {
        let starts_at = clock::now() + Duration::hours(begins_in);
        let body = json!({"eventId": event, "tenantId": tenant, "title": "T", "slug": "t",
            "startsAt": starts_at, "publishedAt": "2026-01-01T00:00:00Z",
            "occurredAt": "2026-01-01T00:00:00Z", "timezone": zone.map(|zone| ZONES[zone])});
        world.broker.publish("event.published", &body).await;
    }
    let registered = format!(
        "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE tenant_id = '{tenant}'"
    );
    world.until(&registered, 2).await;
}

async fn send(world: &World, tenant: Uuid, events: [Uuid; 2], case: &Case) {
    let service = world.write().with_role("SERVICE");
    let zone: Tz = ZONES[case.asked_zone].parse().unwrap();
    let sending = case.facts.iter().enumerate().map(|(n, fact)| {
        let day = anchor(case.asked_zone) - Duration::days(fact.age.0);
        let midnight = zone
            .from_local_datetime(&day.and_time(NaiveTime::MIN))
            .earliest();
        // A day without a midnight begins when the clock has been changed.
        let midnight =
            midnight.unwrap_or_else(|| zone.from_utc_datetime(&day.and_time(NaiveTime::MIN)));
        let at = midnight.with_timezone(&Utc) + Duration::seconds(fact.age.1);
        let mut body = json!({"eventType": TYPES[fact.event_type], "eventId": events[fact.event],
            "tenantId": tenant, "createdAt": at, "properties": properties(fact, n)});
        if let (Some(visitor), true) = (fact.visitor, fact.is_user) {
            body["userId"] = json!(Uuid::from_u128(u128::from(visitor) + 1));
        }
        let service = service.clone();
        async move { service.track(&body).await }
    });
    // In waves, so that many batches count under the same keys.
    let mut waves = futures_util::stream::iter(sending).buffer_unordered(8);
    while waves.next().await.is_some() {}
}

fn properties(fact: &Sent, n: usize) -> Value {
    let mut properties = json!({"registrationId": format!("r{n}"), "paymentId": format!("p{n}"),
        "amountCents": 100 * n, "currency": if n.is_multiple_of(3) { "USD" } else { "EUR" }});
    if let (Some(visitor), false) = (fact.visitor, fact.is_user) {
        properties["visitorId"] = format!("visitor {visitor}").into();
    }
    if let Some(source) = fact.source {
        properties["source"] = format!("source {source}").into();
    }
    // Some producers know the id of a ticket type, some its name, some both.
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

async fn compare_event(
    world: &World,
    tenant: Uuid,
    event: Uuid,
    zone: &str,
    period: (NaiveDate, NaiveDate),
) {
    let (from, to) = period;
    let query = format!("?dateFrom={from}&dateTo={to}&timezone={zone}");
    let sql = format!(
        "SELECT event_id, event_type, user_id, properties, created_at FROM analytics_service.analytics_events WHERE tenant_id = '{tenant}' AND event_id = '{event}'"
    );
    let recount = Recount::of(world, &sql, zone.parse::<Tz>().unwrap(), period).await;
    let dashboard = world.dashboard(tenant, event, &query).await;
    let context = format!("{event} {zone} {from}..{to}");
    let (recounted, answered) = (recount.dashboard(), without_frame(dashboard));
    same(&in_order(recounted), &in_order(answered), &context);
    let funnel = world
        .read()
        .of_tenant(tenant)
        .read(&format!("/events/{event}/funnel{query}"))
        .await;
    same(&recount.funnel(), &funnel["steps"], &context);
    for (rate, (part, whole)) in [
        ("startRate", (1, 0)),
        ("completionRate", (2, 1)),
        ("attendanceRate", (3, 2)),
    ] {
        let count = |step: usize| funnel["steps"][step]["count"].as_u64().unwrap();
        same(
            &json!(recount::rate(count(part), count(whole))),
            &funnel[rate],
            &context,
        );
    }
}

async fn compare_organization(
    world: &World,
    tenant: Uuid,
    zone: &str,
    period: (NaiveDate, NaiveDate),
) {
    let (from, to) = period;
    let sql = format!(
        "SELECT event_id, event_type, user_id, properties, created_at FROM analytics_service.analytics_events WHERE tenant_id = '{tenant}'"
    );
    let tz = zone.parse::<Tz>().unwrap();
    let recount = Recount::of(world, &sql, tz, period).await;
    let length = to - from + Duration::days(1);
    let earlier = (from - length, to - length);
    let before = Recount::of(world, &sql, tz, earlier).await;
    let read = world.read().of_tenant(tenant);
    let path = format!(
        "/organizations/{tenant}/report?dateFrom={from}&dateTo={to}&timezone={zone}&compare=previous"
    );
    let report = read.read(&path).await;
    let context = format!("{tenant} {zone} {from}..{to}");

    let mut no_shows = None;
    for event in report["events"].as_array().unwrap() {
        let of_event = recount.of_event(event["eventId"].as_str().unwrap().parse().unwrap());
        let mut expected = of_event.totals();
        for name in ["eventId", "title", "startsAt"] {
            expected[name] = event[name].clone();
        }
        let missing = is_over(&event["startsAt"], tz).then(|| of_event.no_shows());
        expected["noShows"] = json!(missing);
        no_shows = missing
            .map(|missing| missing + no_shows.unwrap_or(0))
            .or(no_shows);
        same(&expected, event, &context);
    }
    let mut totals = recount.totals();
    totals["noShows"] = json!(no_shows);
    let (attendees, returning) = recount.attendance();
    totals["attendees"] = json!(attendees);
    totals["returningAttendees"] = json!(returning);
    same(&totals, &report["totals"], &context);
    let expected = recount.dashboard();
    same(&expected["byDay"], &report["byDay"], &context);
    let sources = |figures: &Value| {
        let mut sources = figures["bySource"].as_array().unwrap().clone();
        sources.sort_by_key(Value::to_string);
        Value::Array(sources)
    };
    same(&sources(&expected), &sources(&report), &context);

    let mut comparison = before.totals();
    comparison["change"] = recount::changes(&comparison, &totals);
    comparison["dateFrom"] = json!(earlier.0);
    comparison["dateTo"] = json!(earlier.1);
    same(&comparison, &report["comparison"], &context);

    let body = json!({"organizationId": tenant, "dateFrom": from, "dateTo": to, "timezone": zone, "format": "csv"});
    let csv = read.post("/export", &body).await.text().await.unwrap();
    let rows = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .map(Result::unwrap)
        .count();
    assert_eq!(rows, recount.len(), "{context}");
}

/// Whether the day on which an event begins is over in the zone.
fn is_over(starts_at: &Value, zone: Tz) -> bool {
    let Some(starts_at) = starts_at.as_str() else {
        return false;
    };
    let starts_at: DateTime<Utc> = starts_at.parse().unwrap();
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    day(starts_at) < day(clock::now())
}

/// The dashboard without what is no figure.
fn without_frame(mut dashboard: Value) -> Value {
    let about = ["eventId", "title", "dateFrom", "dateTo", "timezone", "asOf"];
    for name in about.into_iter().chain(["series", "comparison"]) {
        dashboard
            .as_object_mut()
            .unwrap()
            .remove(name)
            .unwrap_or_else(|| panic!("{name} is missing"));
    }
    dashboard
}

/// Groups in the order of their text: the order of answers is tested elsewhere.
fn in_order(mut dashboard: Value) -> Value {
    for name in ["bySource", "byTicketType", "bySourceAndTicketType"] {
        dashboard[name]
            .as_array_mut()
            .unwrap()
            .sort_by_key(Value::to_string);
    }
    dashboard
}

/// Compares line by line, so that a difference can be read.
fn same(recounted: &Value, answered: &Value, context: &str) {
    let lines = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let (recounted, answered) = (lines(recounted), lines(answered));
    for (recounted, answered) in recounted.lines().zip(answered.lines()) {
        assert_eq!(recounted, answered, "{context}");
    }
    assert_eq!(recounted.len(), answered.len(), "{context}");
}
