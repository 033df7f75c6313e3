//! Distinct visitors are exact, over days, sources and events.

use analytics_shared::auth::Caller;
use std::ops::Deref;

use analytics_tests::{fact::Fact, response::Counts, world::World};
use chrono::{Days, Weekday};
use serde_json::json;
use uuid::Uuid;

/// The unique views of each day or time bucket.
fn unique<T: Deref<Target = Counts>>(buckets: &[T]) -> Vec<u64> {
    buckets.iter().map(|bucket| bucket.unique_views).collect()
}

#[tokio::test]
async fn a_visitor_who_comes_on_many_days_is_one_visitor() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let today = analytics_shared::clock::now();
    for days_ago in 0..5 {
        for visitor in 0..=days_ago {
            let view = Fact::view(event)
                .at(today - chrono::Duration::days(days_ago))
                .visitor(format!("v{visitor}"))
                .source(format!("s{}", days_ago % 2));
            world.write().with_role("SERVICE").track(&view).await;
        }
    }
    let days = (
        today.date_naive() - chrono::Duration::days(4),
        today.date_naive(),
    );
    let query = format!("?dateFrom={}&dateTo={}", days.0, days.1);
    let dashboard = world.dashboard(tenant, event, &query).await;
    assert_eq!(dashboard.views(), [15, 5]);
    assert_eq!(unique(&dashboard.by_day), [5, 4, 3, 2, 1]);
    let of_source = |name| {
        let mut sources = dashboard.by_source.iter();
        sources.find(|one| one.source == name).unwrap().unique_views
    };
    assert_eq!(["s0", "s1"].map(of_source), [5, 4]);
    world.end().await;
}

#[tokio::test]
async fn visitors_of_an_organization_are_counted_once_over_its_events() {
    let world = World::start().await;
    let (tenant, person) = (Uuid::now_v7(), Uuid::now_v7());
    for _ in 0..3 {
        let event = world.publish_event(tenant, None).await;
        let view = Fact::view(event);
        world.write().of_user(tenant, person).track(&view).await;
    }
    let report = world.report(tenant, "").await;
    assert_eq!(report.totals.views(), [3, 1]);
    assert_eq!(report.events.len(), 3);
    world.end().await;
}

#[tokio::test]
async fn a_service_account_is_not_the_visitor_of_the_views_that_it_sends() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let service = world.write().with(&Caller {
        tenant_id: Some(tenant),
        user_id: Some(Uuid::now_v7()),
        roles: vec!["SERVICE".to_owned()],
    });
    let event = world.publish_event(tenant, None).await;
    let view = Fact::view(event);
    let of_visitor = |visitor: &str| {
        let mut view = view.clone();
        view["properties"] = json!({"visitorId": visitor});
        view
    };
    for (views, expected) in [
        ([view.clone(), view.clone()], [2, 0]),
        ([of_visitor("ann"), of_visitor("bob")], [4, 2]),
    ] {
        for view in views {
            service.track(&view).await;
        }
        let dashboard = world.dashboard(tenant, event, "").await;
        assert_eq!(dashboard.views(), expected);
    }
    world.end().await;
}

#[tokio::test]
async fn visitors_of_a_week_are_neither_the_sum_of_its_days_nor_that_of_the_events() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let first = world.publish_event(tenant, None).await;
    let second = world.publish_event(tenant, None).await;
    let today = analytics_shared::clock::now().date_naive();
    let monday = today.week(Weekday::Mon).first_day() - Days::new(7);
    let views = [
        (first, 0, "ann"),
        (first, 0, "bob"),
        (second, 0, "ann"),
        (first, 1, "bob"),
        (first, 1, "cyd"),
        (second, 2, "cyd"),
        (second, 2, "dan"),
    ];
    for (event, day, visitor) in views {
        let at = monday.and_hms_opt(12, 0, 0).unwrap().and_utc() + chrono::Duration::days(day);
        let view = Fact::view(event).id(Uuid::new_v4()).at(at).visitor(visitor);
        world.write().with_role("SERVICE").store(&view).await;
    }
    let week = format!("?dateFrom={monday}&dateTo={}", monday + Days::new(6));
    let report = world.report(tenant, &format!("{week}&sort=title")).await;
    assert_eq!(report.totals.views(), [7, 4]);
    assert_eq!(report.column(|event| event.unique_views), [3, 3]);
    assert_eq!(unique(&report.by_day), [2, 2, 2, 0, 0, 0, 0]);

    let query = format!("{week}&granularity=week");
    let dashboard = world.dashboard(tenant, first, &query).await;
    assert_eq!(dashboard.unique_views, 3);
    assert_eq!(unique(&dashboard.by_day), [2, 2, 0, 0, 0, 0, 0]);
    assert_eq!(unique(dashboard.series()), [3]);
    world.end().await;
}
