//! Raw facts and rollup never disagree: for random facts, zones and periods every figure equals a
//! naive recount of what is stored.

mod one_event;
mod recount;
mod workload;

use analytics_tests::{property, world::World};
use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;
use one_event::ReadEvent;
use recount::{Filter, Recount};
use serde_json::{Value, json};
use uuid::Uuid;
use workload::{Case, ZONES, anchor, cases, publish, send, starts_at};

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
        "SELECT event_id, event_type, user_id, properties, created_at FROM analytics_service.analytics_events WHERE tenant_id = '{tenant}'"
    );
    let recount = Recount::of(world, &sql, zone.parse::<Tz>().unwrap(), period).await;
    let read = world.read().of_tenant(tenant);
    let report = read
        .read(&format!(
            "/organizations/{tenant}/report?dateFrom={from}&dateTo={to}&timezone={zone}"
        ))
        .await;
    let context = format!("{tenant} {zone} {from}..{to}");
    same(&recount.totals(), &report["totals"], &context);
    for event in report["events"].as_array().unwrap() {
        let of_event = recount.of_event(event["eventId"].as_str().unwrap().parse().unwrap());
        let mut expected = of_event.totals();
        for name in ["eventId", "title", "startsAt"] {
            expected[name] = event[name].clone();
        }
        same(&expected, event, &context);
    }
    same(&recount.dashboard()["byDay"], &report["byDay"], &context);
    let body = json!({"organizationId": tenant, "dateFrom": from, "dateTo": to, "timezone": zone, "format": "csv"});
    let csv = read.post("/export", &body).await.text().await.unwrap();
    let rows = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .map(Result::unwrap)
        .count();
    assert_eq!(rows, recount.len(), "{context}");
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
