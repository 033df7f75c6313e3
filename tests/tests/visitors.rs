//! Distinct visitors are exact, over days, sources and events.

use analytics_shared::auth::Caller;
use analytics_tests::{fact::Fact, world::World};
use chrono::{Days, Weekday};
use serde_json::{Value, json};
use uuid::Uuid;

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
            world.write().track(&view).await;
        }
    }
    let days = (
        today.date_naive() - chrono::Duration::days(4),
        today.date_naive(),
    );
    let query = format!("?dateFrom={}&dateTo={}", days.0, days.1);
    let dashboard = world.dashboard(tenant, event, &query).await;
    assert_eq!(
        (&dashboard["totalViews"], &dashboard["uniqueViews"]),
        (&json!(15), &json!(5))
    );
    let by_day: Vec<_> = dashboard["byDay"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| &day["uniqueViews"])
        .collect();
    assert_eq!(by_day, [5, 4, 3, 2, 1]);
    let sources = dashboard["bySource"].as_array().unwrap();
    let unique =
        |name| sources.iter().find(|s| s["source"] == name).unwrap()["uniqueViews"].clone();
    assert_eq!((unique("s0"), unique("s1")), (json!(5), json!(4)));
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
    let report = world
        .read()
        .of_tenant(tenant)
        .read(&format!("/organizations/{tenant}/report"))
        .await;
    assert_eq!(report["totals"]["totalViews"], 3);
    assert_eq!(report["totals"]["uniqueViews"], 1);
    assert_eq!(report["events"].as_array().unwrap().len(), 3);
    world.end().await;
}

#[tokio::test]
async fn a_service_account_is_not_the_visitor_of_the_views_that_it_sends() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let service = world.write().with(Caller {
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
        let counted = [&dashboard["totalViews"], &dashboard["uniqueViews"]];
        assert_eq!(counted, expected.map(Value::from).each_ref());
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
        world.write().store(&view).await;
    }
    let week = format!("?dateFrom={monday}&dateTo={}", monday + Days::new(6));
    let report = world
        .read()
        .of_tenant(tenant)
        .read(&format!("/organizations/{tenant}/report{week}&sort=title"))
        .await;
    let unique = |of: &Value| {
        let all = of.as_array().unwrap().iter();
        all.map(|one| one["uniqueViews"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(report["totals"]["totalViews"], 7);
    assert_eq!(report["totals"]["uniqueViews"], 4);
    assert_eq!(unique(&report["events"]), [3, 3]);
    assert_eq!(unique(&report["byDay"]), [2, 2, 2, 0, 0, 0, 0]);

    let query = format!("{week}&granularity=week");
    let dashboard = world.dashboard(tenant, first, &query).await;
    assert_eq!(dashboard["uniqueViews"], 3);
    assert_eq!(unique(&dashboard["byDay"]), [2, 2, 0, 0, 0, 0, 0]);
    assert_eq!(unique(&dashboard["series"]), [3]);
    world.end().await;
}
