//! Hourly series: at most 31 days, and the current hour is incomplete.

use analytics_shared::clock;
use analytics_tests::{
    api::problem,
    response::{Dashboard, all_figures},
    world::World,
};
use chrono::Days;
use reqwest::StatusCode;
use uuid::Uuid;

use super::{COMPLETED, VIEW, tell};

#[tokio::test]
async fn the_hours_of_31_days_are_told_and_of_more_refused() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let read = world.read().of_tenant(tenant);
    let path = format!("/events/{event}/dashboard?granularity=hour&dateFrom=2026-01-01");
    let answer: Dashboard = read.read_as(&format!("{path}&dateTo=2026-01-31")).await;
    assert_eq!(answer.series().len(), 31 * 24);
    let answer = read.get(&format!("{path}&dateTo=2026-02-01")).await;
    let (status, refused) = problem(answer).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["errors"][0]["field"], "granularity");
    world.end().await;
}

#[tokio::test]
async fn an_hour_is_incomplete_until_it_is_over() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Asia/Kolkata")).await;
    let told = [(clock::now().fixed_offset(), VIEW, "ann")];
    tell(&world, tenant, event, &told).await;
    let today = clock::now().date_naive();
    let (from, to) = (today - Days::new(1), today + Days::new(2));
    // In the zone of the event, and in one whose hours start at other times.
    for zone in ["Asia/Kolkata", "Asia/Kathmandu"] {
        let query = format!("?granularity=hour&dateFrom={from}&dateTo={to}&timezone={zone}");
        let before = clock::now();
        let answer = world.dashboard(tenant, event, &query).await;
        let after = clock::now();
        for hour in answer.series() {
            if hour.ends_at <= before {
                assert!(!hour.incomplete, "{before}: {hour:?}");
            } else if hour.ends_at > after {
                assert!(hour.incomplete, "{after}: {hour:?}");
            }
        }
        let views: u64 = answer.series().iter().map(|hour| hour.views).sum();
        assert_eq!(views, 1);
    }
    world.end().await;
}

#[tokio::test]
async fn a_visitor_of_two_hours_is_one_of_each_and_one_of_the_day() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let day = clock::now().date_naive() - Days::new(3);
    let at = |time: &str| super::moment(day, time);
    let told = [
        (at("10:00+00:00"), VIEW, "ann"),
        (at("10:59:59+00:00"), VIEW, "ann"),
        (at("10:30+00:00"), VIEW, "ben"),
        (at("11:00+00:00"), VIEW, "ann"),
        (at("11:30+00:00"), COMPLETED, "ann"),
    ];
    tell(&world, tenant, event, &told).await;
    let query = format!("?granularity=hour&dateFrom={day}&dateTo={day}");
    let answer = world.dashboard(tenant, event, &query).await;
    let hours = all_figures(answer.series());
    assert_eq!(hours[10..12], [[3, 2, 0, 0, 0], [1, 1, 1, 0, 0]]);
    assert_eq!(answer.unique_views, 2);
    // With a filter by source.
    for (source, views) in [("direct", 4), ("newsletter", 0)] {
        let answer = world
            .dashboard(tenant, event, &format!("{query}&source={source}"))
            .await;
        let sum: u64 = answer.series().iter().map(|hour| hour.views).sum();
        assert_eq!(sum, views, "{source}");
    }
    world.end().await;
}
