//! Apia skipped 30 December 2011, when it moved across the date line. The day is listed, without hours and facts.

use analytics_tests::{
    response::{Dashboard, all_figures},
    world::World,
};
use chrono::{NaiveDate, Utc};
use uuid::Uuid;

use super::{CHECK_IN, VIEW, bounds, moment, publish, remember, shown};

const APIA: &str = "Pacific/Apia";

fn day(of_december: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2011, 12, of_december).unwrap()
}

/// Two events that start on 31 December in Apia, one with that zone and one without.
async fn events(world: &World, tenant: Uuid) -> [Uuid; 2] {
    let starts_at = moment(day(31), "09:00+14:00").with_timezone(&Utc);
    [
        publish(world, tenant, Some(APIA), starts_at).await,
        publish(world, tenant, None, starts_at).await,
    ]
}

/// The dashboard of an event over the three days, in Apia.
async fn ask(world: &World, tenant: Uuid, event: Uuid, more: &str) -> Dashboard {
    let query = format!("?dateFrom=2011-12-29&dateTo=2011-12-31&timezone={APIA}{more}");
    world.dashboard(tenant, event, &query).await
}

#[tokio::test]
async fn the_day_is_listed_and_has_no_hours() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    for event in events(&world, tenant).await {
        let answer = ask(&world, tenant, event, "&granularity=day").await;
        let dates: Vec<_> = answer.by_day.iter().map(|one| one.date).collect();
        assert_eq!(dates, [29, 30, 31].map(day));
        let to_event = answer.by_day.iter().map(|one| one.days_to_event);
        assert!(to_event.eq([2, 1, 0].map(Some)));
        // The skipped day ends when it starts.
        let midnights = [
            moment(day(29), "00:00-10:00"),
            moment(day(31), "00:00+14:00"),
            moment(day(31), "00:00+14:00"),
            NaiveDate::from_ymd_opt(2012, 1, 1)
                .map(|day| moment(day, "00:00+14:00"))
                .unwrap(),
        ];
        assert_eq!(bounds(answer.series()), midnights.map(shown));

        let answer = ask(&world, tenant, event, "&granularity=hour").await;
        let hours = answer.series();
        let of_day = |date| hours.iter().filter(|hour| hour.date_from == date).count();
        assert_eq!([29, 30, 31].map(day).map(of_day), [24, 0, 24]);
        let bounds = bounds(hours);
        assert_eq!(bounds[23], "2011-12-29 23:00:00-10:00");
        assert_eq!(bounds[24], "2011-12-31 00:00:00+14:00");
        assert_eq!(bounds.len(), 48 + 1);
        // Requested alone, it has no hours.
        let query = format!("?dateFrom=2011-12-30&dateTo=2011-12-30&timezone={APIA}");
        let alone = format!("{query}&granularity=hour");
        let alone = world.dashboard(tenant, event, &alone).await;
        assert_eq!(alone.series(), []);
        assert_eq!(alone.by_day.len(), 1);
    }
    world.end().await;
}

#[tokio::test]
async fn facts_on_both_sides_of_the_day_are_on_the_days_beside_it() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    // The second and the third view are one second apart.
    let told = [
        (moment(day(29), "00:00:00-10:00"), VIEW, "ann"),
        (moment(day(29), "23:59:59-10:00"), VIEW, "ann"),
        (moment(day(31), "00:00:00+14:00"), VIEW, "ann"),
        (moment(day(31), "00:00:30+14:00"), CHECK_IN, "ann"),
        (moment(day(31), "23:59:59+14:00"), VIEW, "ben"),
    ];
    for event in events(&world, tenant).await {
        remember(&world, tenant, event, &told).await;
        let answer = ask(&world, tenant, event, "").await;
        let expected = [[2, 1, 0, 0, 0], [0; 5], [2, 2, 0, 0, 1]];
        assert_eq!(all_figures(&answer.by_day), expected);
        assert_eq!(answer.unique_views, 2);
        // In UTC, the day exists and has facts of both local days.
        let query = "?dateFrom=2011-12-29&dateTo=2011-12-31&timezone=UTC";
        let utc = world.dashboard(tenant, event, query).await;
        let expected = [[1, 1, 0, 0, 0], [2, 1, 0, 0, 1], [1, 1, 0, 0, 0]];
        assert_eq!(all_figures(&utc.by_day), expected);
    }
    world.end().await;
}

#[tokio::test]
async fn the_hours_on_both_sides_of_the_day_follow_on_one_another() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let told = [
        (moment(day(29), "23:59:59-10:00"), VIEW, "ann"),
        (moment(day(31), "00:00:00+14:00"), VIEW, "ann"),
        (moment(day(31), "00:00:30+14:00"), CHECK_IN, "ann"),
    ];
    for event in events(&world, tenant).await {
        remember(&world, tenant, event, &told).await;
        let answer = ask(&world, tenant, event, "&granularity=hour").await;
        let hours = all_figures(answer.series());
        assert_eq!(hours.len(), 48);
        assert_eq!(hours[23..=24], [[1, 1, 0, 0, 0], [1, 1, 0, 0, 1]]);
        let elsewhen = hours[..23].iter().chain(&hours[25..]);
        assert!(elsewhen.into_iter().all(|hour| *hour == [0; 5]));
        // 29 December was a Thursday, 31 December a Saturday.
        let viewed = answer.by_hour.iter().filter(|one| one.views != 0);
        let viewed = viewed.map(|one| [one.weekday, one.hour, one.views, one.check_ins]);
        assert!(viewed.eq([[4, 23, 1, 0], [6, 0, 1, 1]]));
        let curve = answer.check_in_curve();
        assert_eq!(curve.date, day(31));
        assert_eq!(curve.points.len(), 1);
        let minute = moment(day(31), "00:00+14:00");
        assert_eq!(shown(curve.points[0].at), shown(minute));
    }
    world.end().await;
}
