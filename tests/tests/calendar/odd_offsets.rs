//! Zones with offsets of half and quarter hours.

use analytics_shared::clock;
use analytics_tests::{
    response::{Dashboard, all_figures},
    world::World,
};
use chrono::{Days, NaiveDate, Utc};
use uuid::Uuid;

use super::{COMPLETED, VIEW, bounds, moment, publish, shown, tell};

/// A zone, and local times around midnights. Its offset never changes, so they are valid on any day.
struct OddZone {
    name: &'static str,
    /// The start of its days.
    midnight: &'static str,
    /// Times around its midnight.
    around_midnight: [&'static str; 2],
    /// Times around the midnight of UTC.
    around_utc: [&'static str; 2],
    /// The local hour that contains the midnight of UTC.
    hour_of_utc: usize,
}

const ZONES: [OddZone; 2] = [
    OddZone {
        name: "Asia/Kolkata",
        midnight: "00:00+05:30",
        around_midnight: ["23:59+05:30", "00:01+05:30"],
        around_utc: ["05:29+05:30", "05:31+05:30"],
        hour_of_utc: 5,
    },
    OddZone {
        name: "Asia/Kathmandu",
        midnight: "00:00+05:45",
        around_midnight: ["23:59+05:45", "00:01+05:45"],
        around_utc: ["05:44+05:45", "05:46+05:45"],
        hour_of_utc: 5,
    },
];

/// Two events with the same facts, one in the zone and one in UTC. They start on `day` in UTC, which is the next
/// day in the zone.
async fn tell_both(world: &World, tenant: Uuid, zone: &OddZone, day: NaiveDate) -> [Uuid; 2] {
    let [last, first] = zone.around_midnight;
    let [before, after] = zone.around_utc;
    let told = [
        (moment(day - Days::new(1), last), VIEW, "ann"),
        (moment(day, first), VIEW, "ann"),
        (moment(day + Days::new(1), before), VIEW, "ben"),
        (moment(day + Days::new(1), before), COMPLETED, "ben"),
        (moment(day + Days::new(1), after), VIEW, "ben"),
    ];
    let starts_at = moment(day, "23:30+00:00").with_timezone(&Utc);
    let own = publish(world, tenant, Some(zone.name), starts_at).await;
    let elsewhere = publish(world, tenant, None, starts_at).await;
    for event in [own, elsewhere] {
        tell(world, tenant, event, &told).await;
    }
    [own, elsewhere]
}

/// The dashboard of an event on the days around `day`.
async fn ask(world: &World, tenant: Uuid, event: Uuid, day: NaiveDate, more: &str) -> Dashboard {
    let (from, to) = (day - Days::new(1), day + Days::new(1));
    let query = format!("?dateFrom={from}&dateTo={to}{more}");
    world.dashboard(tenant, event, &query).await
}

/// A past day in every zone.
fn some_day() -> NaiveDate {
    clock::now().date_naive() - Days::new(5)
}

#[tokio::test]
async fn a_minute_before_and_after_midnight_are_different_days_in_that_zone_alone() {
    let world = World::start().await;
    for zone in &ZONES {
        let (tenant, day) = (Uuid::now_v7(), some_day());
        for event in tell_both(&world, tenant, zone, day).await {
            // From the rollup for one event, from the raw facts for the other.
            let in_zone = format!("&timezone={}", zone.name);
            let there = ask(&world, tenant, event, day, &in_zone).await;
            let expected = [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [2, 1, 1, 0, 0]];
            assert_eq!(all_figures(&there.by_day), expected, "{}", zone.name);
            assert_eq!(there.unique_views, 2);
            let utc = ask(&world, tenant, event, day, "&timezone=UTC").await;
            let expected = [[2, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]];
            assert_eq!(all_figures(&utc.by_day), expected, "{}", zone.name);
        }
    }
    world.end().await;
}

#[tokio::test]
async fn hours_begin_when_the_clock_there_shows_a_full_hour() {
    let world = World::start().await;
    for zone in &ZONES {
        let (tenant, day) = (Uuid::now_v7(), some_day());
        for event in tell_both(&world, tenant, zone, day).await {
            let in_zone = format!("&timezone={}&granularity=hour", zone.name);
            let answer = ask(&world, tenant, event, day, &in_zone).await;
            let bounds = bounds(answer.series());
            let midnight = shown(moment(day - Days::new(1), zone.midnight));
            assert_eq!(bounds.first(), Some(&midnight));
            let begins_full = bounds
                .iter()
                .all(|bound| bound[14..].starts_with("00:00+05:"));
            assert!(begins_full, "{bounds:?}");
            let figures = all_figures(answer.series());
            assert_eq!(figures.len(), 3 * 24);
            let told = figures.iter().enumerate();
            let told: Vec<_> = told.filter(|(_, figures)| **figures != [0; 5]).collect();
            let expected = [
                (23, &[1, 1, 0, 0, 0]),
                (24, &[1, 1, 0, 0, 0]),
                (48 + zone.hour_of_utc, &[2, 1, 1, 0, 0]),
            ];
            assert_eq!(told, expected, "{}", zone.name);
        }
    }
    world.end().await;
}

#[tokio::test]
async fn the_day_of_the_event_is_the_day_on_which_it_starts_in_the_zone_of_the_answer() {
    let world = World::start().await;
    for zone in &ZONES {
        let (tenant, day) = (Uuid::now_v7(), some_day());
        for event in tell_both(&world, tenant, zone, day).await {
            for (name, expected) in [(zone.name, [2, 1, 0]), ("UTC", [1, 0, -1])] {
                let asked = ask(&world, tenant, event, day, &format!("&timezone={name}")).await;
                let to_event = asked.by_day.iter().map(|one| one.days_to_event);
                assert!(to_event.eq(expected.map(Some)));
            }
        }
    }
    world.end().await;
}
