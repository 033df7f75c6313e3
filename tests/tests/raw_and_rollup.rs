//! Facts and rollup agree: for random facts, zones and periods, every figure equals a naive recount of the stored
//! facts.
//!
//! With `RAW_AND_ROLLUP_CONCURRENT=1`, compaction, rebuilds and time zone changes run concurrently. Every request
//! names its zone, so no response depends on them. `PROPTEST_CASES` is the number of cases.

mod concurrent;
mod one_event;
mod recount;
mod workload;

use analytics_shared::clock;
use analytics_tests::{property, world::World};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use one_event::ReadEvent;
use recount::{Filter, Recount};
use serde_json::{Value, json};
use uuid::Uuid;
use workload::{Case, ZONES, anchor, cases, publish, send, starts_at};

#[test]
fn every_figure_equals_a_naive_recount_of_the_stored_facts() {
    if concurrent::is_requested() {
        let environment = [("COMPACTION_INTERVAL_SECONDS", "1")];
        property::for_all_with(&environment, &cases(), 24, &async |world, case| {
            let (tenant, events) = (Uuid::now_v7(), [Uuid::now_v7(), Uuid::now_v7()]);
            let checking = check(world, case, tenant, events);
            concurrent::beside_maintenance(world, tenant, events, case, checking).await;
        });
    } else {
        property::for_all(&cases(), 24, &async |world, case| {
            let (tenant, events) = (Uuid::now_v7(), [Uuid::now_v7(), Uuid::now_v7()]);
            check(world, case, tenant, events).await;
        });
    }
}

async fn check(world: &World, case: &Case, tenant: Uuid, events: [Uuid; 2]) {
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
    for (event, zone) in events.into_iter().zip(case.event_zones) {
        let own_zone = zone.map_or("UTC", |zone| ZONES[zone]);
        for zone in [own_zone, ZONES[case.asked_zone]] {
            let starts_at = starts_at(case);
            let read = ReadEvent {
                tenant,
                event,
                starts_at,
                zone,
                period,
            };
            read.compare(world, &Filter::default()).await;
            read.compare(world, &case.filter()).await;
        }
    }
    compare_organization(world, tenant, ZONES[case.asked_zone], period).await;
}

async fn compare_organization(
    world: &World,
    tenant: Uuid,
    zone: &str,
    period: (NaiveDate, NaiveDate),
) {
    let (from, to) = period;
    let sql = format!(
        "SELECT event_id, event_type, user_id, analytics_service.visitor_hash(tenant_id, 'u:', user_id::TEXT) AS user_hash, properties, created_at FROM analytics_service.analytics_events WHERE tenant_id = '{tenant}'"
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
        let is_told = is_over_within(period, &event["startsAt"], tz);
        let missing = is_told.then(|| of_event.no_shows());
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

    same(&recount.compared(&before), &report["comparison"], &context);

    let body = json!({"organizationId": tenant, "dateFrom": from, "dateTo": to, "timezone": zone, "format": "csv"});
    let csv = read.post("/export", &body).await.text().await.unwrap();
    let rows = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .map(Result::unwrap)
        .count();
    assert_eq!(rows, recount.len(), "{context}");
}

/// Whether the day on which an event starts is over in the zone.
fn is_over_within(period: (NaiveDate, NaiveDate), starts_at: &Value, zone: Tz) -> bool {
    let Some(starts_at) = starts_at.as_str() else {
        return false;
    };
    let starts_at: DateTime<Utc> = starts_at.parse().unwrap();
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let day_of_event = day(starts_at);
    (period.0..=period.1).contains(&day_of_event) && day_of_event < day(clock::now())
}

/// Compares line by line, for a readable difference.
fn same(recounted: &Value, answered: &Value, context: &str) {
    let lines = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let (recounted, answered) = (lines(recounted), lines(answered));
    for (recounted, answered) in recounted.lines().zip(answered.lines()) {
        assert_eq!(recounted, answered, "{context}");
    }
    assert_eq!(recounted.len(), answered.len(), "{context}");
}
