//! Weeks are from Monday to Sunday, also over New Year; months are calendar months; a visitor on several days of
//! a time bucket counts once.

use analytics_tests::{
    response::{Change, TimeBucket},
    world::World,
};
use chrono::{DateTime, NaiveDate};
use uuid::Uuid;

use super::{COMPLETED, LocalFact, VIEW, bounds, remember};

fn told(text: &str, kind: &'static str, visitor: &'static str) -> LocalFact {
    let at = DateTime::parse_from_rfc3339(text);
    (at.unwrap_or_else(|_| panic!("{text}")), kind, visitor)
}

/// An event in this zone with these facts.
async fn happened(world: &World, tenant: Uuid, zone: &str, told: &[LocalFact]) -> Uuid {
    let event = world.publish_event(tenant, Some(zone)).await;
    remember(world, tenant, event, told).await;
    event
}

/// Time buckets as texts: first and last day, views, distinct visitors, registrations, and whether they are
/// incomplete.
fn words(series: &[TimeBucket]) -> Vec<String> {
    let words = series.iter().map(|one| {
        let [views, unique, registrations, ..] = one.figures();
        let (from, to) = (one.date_from, one.date_to);
        let part = if one.incomplete { ", in part" } else { "" };
        format!("{from}..{to}: {views} by {unique}, {registrations}{part}")
    });
    words.collect()
}

#[tokio::test]
async fn the_week_of_new_year_has_days_of_two_years() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    // 29 December 2025 is a Monday.
    let happening = [
        told("2025-12-20T12:00:00+01:00", VIEW, "ann"),
        told("2025-12-21T23:59:59+01:00", VIEW, "ann"),
        told("2025-12-22T00:00:00+01:00", VIEW, "ben"),
        told("2025-12-28T23:59:59+01:00", VIEW, "ben"),
        told("2025-12-29T00:00:00+01:00", VIEW, "ann"),
        told("2025-12-31T23:59:59+01:00", VIEW, "ann"),
        told("2026-01-01T00:00:00+01:00", VIEW, "ann"),
        told("2026-01-01T00:00:01+01:00", VIEW, "ben"),
        told("2026-01-02T09:00:00+01:00", COMPLETED, "ben"),
        told("2026-01-04T23:59:59+01:00", VIEW, "cid"),
        told("2026-01-05T00:00:00+01:00", VIEW, "cid"),
        told("2026-01-17T23:59:59+01:00", VIEW, "cid"),
    ];
    let event = happened(&world, tenant, "Europe/Berlin", &happening).await;
    let expected = [
        "2025-12-20..2025-12-21: 2 by 1, 0, in part",
        "2025-12-22..2025-12-28: 2 by 1, 0",
        "2025-12-29..2026-01-04: 5 by 3, 1",
        "2026-01-05..2026-01-11: 1 by 1, 0",
        "2026-01-12..2026-01-17: 1 by 1, 0, in part",
    ];
    let period = "?dateFrom=2025-12-20&dateTo=2026-01-17&granularity=week";
    // From the rollup, and from the raw facts in a zone with the same rules.
    for zone in ["", "&timezone=Europe/Paris"] {
        let query = format!("{period}{zone}");
        let answer = world.dashboard(tenant, event, &query).await;
        assert_eq!(words(answer.series()), expected, "{zone}");
        // Days do not add up to the week: ann has views on three days, ben and cid on one.
        let monday = NaiveDate::from_ymd_opt(2025, 12, 29).unwrap();
        let days = answer.by_day.iter();
        let week = days.skip_while(|day| day.date != monday).take(7);
        let unique: Vec<_> = week.map(|day| day.unique_views).collect();
        assert_eq!(unique, [1, 0, 1, 2, 0, 0, 1]);
        assert_eq!(answer.unique_views, 3);
    }
    // Further west, facts at midnight belong to the day before.
    let query = format!("{period}&timezone=Atlantic/Azores");
    let west = world.dashboard(tenant, event, &query).await;
    let expected = [
        "2025-12-20..2025-12-21: 3 by 2, 0, in part",
        "2025-12-22..2025-12-28: 2 by 2, 0",
        "2025-12-29..2026-01-04: 5 by 3, 1",
        "2026-01-05..2026-01-11: 0 by 0, 0",
        "2026-01-12..2026-01-17: 1 by 1, 0, in part",
    ];
    assert_eq!(words(west.series()), expected);
    world.end().await;
}

#[tokio::test]
async fn a_year_that_begins_on_a_monday_begins_with_a_week_of_its_own() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let happening = [
        told("2023-12-31T23:59:59Z", VIEW, "ann"),
        told("2024-01-01T00:00:00Z", VIEW, "ann"),
        told("2024-01-07T23:59:59Z", VIEW, "ann"),
    ];
    let event = happened(&world, tenant, "UTC", &happening).await;
    let query = "?dateFrom=2023-12-25&dateTo=2024-01-07&granularity=week";
    let answer = world.dashboard(tenant, event, query).await;
    let expected = [
        "2023-12-25..2023-12-31: 1 by 1, 0",
        "2024-01-01..2024-01-07: 2 by 1, 0",
    ];
    assert_eq!(words(answer.series()), expected);
    world.end().await;
}

/// Facts at the ends of months around a 29 February, in Berlin.
fn leap_year() -> [LocalFact; 7] {
    [
        told("2024-01-31T23:59:59+01:00", VIEW, "ann"),
        told("2024-02-01T00:00:00+01:00", VIEW, "ann"),
        told("2024-02-29T00:00:00+01:00", VIEW, "ben"),
        told("2024-02-29T23:59:59+01:00", VIEW, "ann"),
        told("2024-03-01T00:00:00+01:00", COMPLETED, "ann"),
        told("2024-03-31T23:59:59+02:00", VIEW, "ben"),
        told("2024-04-01T00:00:00+02:00", VIEW, "ben"),
    ]
}

#[tokio::test]
async fn months_have_the_days_that_they_have() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = happened(&world, tenant, "Europe/Berlin", &leap_year()).await;
    let expected = [
        "2024-01-15..2024-01-31: 1 by 1, 0, in part",
        "2024-02-01..2024-02-29: 3 by 2, 0",
        "2024-03-01..2024-03-31: 1 by 1, 1",
        "2024-04-01..2024-04-02: 1 by 1, 0, in part",
    ];
    for zone in ["", "&timezone=Europe/Paris"] {
        let query = format!("?dateFrom=2024-01-15&dateTo=2024-04-02&granularity=month{zone}");
        let answer = world.dashboard(tenant, event, &query).await;
        assert_eq!(words(answer.series()), expected, "{zone}");
    }
    world.end().await;
}

#[tokio::test]
async fn weeks_and_months_begin_and_end_at_the_midnights_of_their_clock() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = happened(&world, tenant, "Europe/Berlin", &leap_year()).await;
    let ask = async |query: &str| {
        let answer = world.dashboard(tenant, event, query).await;
        bounds(answer.series())
    };
    // Clocks are changed on 31 March.
    let months = ask("?dateFrom=2024-02-01&dateTo=2024-04-02&granularity=month").await;
    let expected = [
        "2024-02-01 00:00:00+01:00",
        "2024-03-01 00:00:00+01:00",
        "2024-04-01 00:00:00+02:00",
        "2024-04-03 00:00:00+02:00",
    ];
    assert_eq!(months, expected);
    let weeks = ask("?dateFrom=2024-03-20&dateTo=2024-04-02&granularity=week").await;
    let expected = [
        "2024-03-20 00:00:00+01:00",
        "2024-03-25 00:00:00+01:00",
        "2024-04-01 00:00:00+02:00",
        "2024-04-03 00:00:00+02:00",
    ];
    assert_eq!(weeks, expected);
    world.end().await;
}

#[tokio::test]
async fn a_leap_day_is_compared_with_what_came_before_it() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = happened(&world, tenant, "Europe/Berlin", &leap_year()).await;
    // 29 days of February, and the 29 before them.
    let query = "?dateFrom=2024-02-01&dateTo=2024-02-29&compare=previous";
    let answer = world.dashboard(tenant, event, query).await;
    let compared = answer.comparison();
    let (from, to) = (compared.date_from.to_string(), compared.date_to.to_string());
    assert_eq!([from, to], ["2024-01-03", "2024-01-31"]);
    assert_eq!([answer.total_views, compared.total_views], [3, 1]);
    let doubled = Change {
        absolute: 1.0,
        relative: Some(1.0),
    };
    assert_eq!(compared.change("uniqueViews"), Some(doubled));
    world.end().await;
}
