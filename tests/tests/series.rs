//! A dashboard has the series of the comparison period, and series by source and by ticket type, of the same facts.

use analytics_shared::clock;
use analytics_tests::{api::problem, fact::Fact, world::World};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Stores `number` views of a source.
async fn views(world: &World, event: Uuid, source: &str, number: usize, at: DateTime<Utc>) {
    let service = world.write().with_role("SERVICE");
    for _ in 0..number {
        let view = Fact::view(event).visitor(Uuid::now_v7()).source(source);
        service.store(&view.at(at)).await;
    }
}

fn sum(entries: &Value, field: &str) -> u64 {
    let entries = entries.as_array().unwrap().iter();
    entries.map(|entry| entry[field].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn the_series_of_the_comparison_period_is_that_of_its_own_dashboard() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    let now = clock::now();
    for (days, number) in [(2, 3), (9, 2), (12, 1)] {
        views(
            &world,
            event,
            "newsletter",
            number,
            now - TimeDelta::days(days),
        )
        .await;
    }
    views(&world, event, "direct", 4, now - TimeDelta::days(10)).await;
    let date = |days: i64| (now - TimeDelta::days(days)).date_naive();
    let (from, to) = (date(7), date(1));
    for filter in ["", "&source=newsletter"] {
        for granularity in ["day", "week", "month", "hour"] {
            let query = format!("?dateFrom={from}&dateTo={to}&granularity={granularity}{filter}");
            let compared = world
                .dashboard_json(tenant, event, &format!("{query}&compare=previous"))
                .await;
            let comparison = &compared["comparison"];
            let (from, to) = (&comparison["dateFrom"], &comparison["dateTo"]);
            let query = format!(
                "?dateFrom={}&dateTo={}&granularity={granularity}{filter}",
                from.as_str().unwrap(),
                to.as_str().unwrap()
            );
            let alone = world.dashboard_json(tenant, event, &query).await;
            assert!(sum(&alone["byDay"], "views") > 0);
            for field in ["byDay", "series", "totalViews"] {
                assert_eq!(
                    comparison[field], alone[field],
                    "{granularity} {filter}: {field}"
                );
            }
            let days = |of: &Value| of["byDay"].as_array().unwrap().len();
            assert_eq!(days(comparison), days(&compared));
        }
    }
    let path = format!("?dateFrom={from}&dateTo={to}&compare=previous");
    let report: Value = world
        .read()
        .of_tenant(tenant)
        .read(&format!("/organizations/{tenant}/report{path}"))
        .await;
    let compared = world
        .dashboard_json(tenant, event, &format!("{path}&timezone=Europe/Berlin"))
        .await;
    let views = |of: &Value| sum(&of["comparison"]["byDay"], "views");
    assert_eq!((views(&report), views(&compared)), (7, 7));
    assert_eq!(compared["comparison"]["series"], Value::Null);
    world.end().await;
}

#[tokio::test]
async fn series_by_source_are_those_of_the_filter_and_add_up() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let now = clock::now();
    for source in 1..=10 {
        views(
            &world,
            event,
            &format!("source-{source:02}"),
            source,
            now - TimeDelta::days(1),
        )
        .await;
    }
    let range = format!("?dateFrom={}", (now - TimeDelta::days(3)).date_naive());
    let split = world
        .dashboard_json(
            tenant,
            event,
            &format!("{range}&splitBy=source&granularity=day"),
        )
        .await;
    let series = split["splitSeries"].as_array().unwrap();
    assert_eq!(series.len(), 9);
    for one in &series[..8] {
        let source = one["source"].as_str().unwrap();
        let query = format!("{range}&source={source}&granularity=day");
        let filtered = world.dashboard_json(tenant, event, &query).await;
        assert_eq!(one["series"], filtered["series"], "{source}");
        assert_eq!(one["isOther"], false);
    }
    assert_eq!(series[0]["source"], "source-10");
    assert_eq!(
        (&series[8]["isOther"], &series[8]["source"]),
        (&json!(true), &Value::Null)
    );
    let total: u64 = series.iter().map(|one| sum(&one["series"], "views")).sum();
    assert_eq!(total, split["totalViews"].as_u64().unwrap());
    assert_eq!(sum(&series[8]["series"], "views"), 1 + 2);
    world.end().await;
}

#[tokio::test]
async fn series_by_ticket_type_have_id_and_name_and_hours_are_refused() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let service = world.write().with_role("SERVICE");
    for (number, name) in ["VIP", "VIP", "Standard"].iter().enumerate() {
        let registered = Fact::new("registration.completed", event)
            .registration(format!("r{number}"))
            .property("ticketTypeId", format!("id-{name}"))
            .property("ticketTypeName", *name);
        service.store(&registered).await;
    }
    views(&world, event, "direct", 5, clock::now()).await;
    let split = world
        .dashboard_json(tenant, event, "?splitBy=ticketType")
        .await;
    let series = split["splitSeries"].as_array().unwrap().iter();
    let series: Vec<_> = series
        .map(|one| {
            let names = (one["ticketTypeId"].as_str(), one["ticketTypeName"].as_str());
            (
                names,
                sum(&one["series"], "registrations"),
                sum(&one["series"], "views"),
            )
        })
        .collect();
    assert_eq!(
        series,
        [
            ((Some("id-VIP"), Some("VIP")), 2, 0),
            ((Some("id-Standard"), Some("Standard")), 1, 0),
            ((None, None), 0, 5),
        ]
    );
    assert_eq!(
        world.dashboard_json(tenant, event, "").await["splitSeries"],
        Value::Null
    );
    let api = world.read().of_tenant(tenant);
    for (query, status) in [
        ("splitBy=source&granularity=hour&dateFrom=2026-11-20", 422),
        ("splitBy=day", 400),
    ] {
        let refused = problem(api.get(&format!("/events/{event}/dashboard?{query}")).await).await;
        assert_eq!(
            (refused.0.as_u16(), &refused.1["errors"][0]["field"]),
            (status, &json!("splitBy"))
        );
    }
    world.end().await;
}
