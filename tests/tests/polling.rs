//! A repeated request is answered from the cache until a figure changes.

use std::time::Duration;

use analytics_tests::{
    api::Api, fact::Fact, response::Report, service::Service, transaction::OpenTransaction,
    world::World,
};
use chrono::{Days, NaiveDate};
use reqwest::{Response, StatusCode, header};
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

async fn view(world: &World, event: Uuid) {
    let view = Fact::view(event).visitor(Uuid::now_v7());
    world.write().store(&view).await;
}

fn tag(answer: &Response) -> String {
    let tag = answer.headers()[header::ETAG].to_str().unwrap();
    assert!(tag.starts_with('"'), "{tag} is weak");
    tag.to_owned()
}

async fn ask_with(api: &Api, url: &str, tag: &str) -> Response {
    let token = api.token().unwrap();
    let request = reqwest::Client::new().get(url).bearer_auth(token);
    request.header("if-none-match", tag).send().await.unwrap()
}

#[tokio::test]
async fn an_answer_holds_until_its_figures_change_and_on_every_replica() {
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let (event, other) = (
        world.publish_event(tenant, None).await,
        world.publish_event(tenant, None).await,
    );
    view(&world, event).await;
    let replica = [("DATABASE_URL", world.database.query_url.as_str())];
    let mut replica = Service::start("analytics-query", &replica).await;
    let (here, there) = (world.read(), Api::at(&replica.url("")));
    let (here, there) = (here.of_tenant(tenant), there.of_tenant(tenant));
    let paths = [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ];
    for path in &paths {
        let first = tag(&here.get(path).await);
        assert_eq!(tag(&there.get(path).await), first, "{path}");
        let url = world.query.url(&format!("/api/v1/analytics{path}"));
        let again = ask_with(&here, &url, &first).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(tag(&again), first);
        assert!(again.bytes().await.unwrap().is_empty());

        // Facts of another event change only the report.
        view(&world, other).await;
        let is_report = path.contains("report");
        let elsewhere = ask_with(&here, &url, &first).await;
        let unchanged = elsewhere.status() == StatusCode::NOT_MODIFIED;
        assert_eq!(unchanged, !is_report, "{path}");

        let before = here.get(path).await.json::<Value>().await.unwrap();
        view(&world, event).await;
        let changed = ask_with(&here, &url, &first).await;
        assert_eq!(changed.status(), StatusCode::OK, "{path}");
        assert_ne!(tag(&changed), first);
        let views = |answer: &Value| {
            let views = [
                &answer["totalViews"],
                &answer["pageViews"],
                &answer["totals"]["totalViews"],
            ];
            views.into_iter().find_map(Value::as_u64).unwrap()
        };
        let changed = changed.json::<Value>().await.unwrap();
        assert_eq!(views(&changed), views(&before) + 1, "{path}");
        assert!(changed["asOf"].as_str() > before["asOf"].as_str());
    }
    assert!(replica.terminate().await.success());
    world.query.terminate().await;
    world.end().await;
}

#[tokio::test]
async fn a_day_that_has_not_changed_is_not_read_again() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let yesterday = analytics_shared::clock::now() - chrono::Duration::days(1);
    let old = Fact::view(event).id(Uuid::new_v4()).at(yesterday);
    world.write().with_role("SERVICE").store(&old).await;
    view(&world, event).await;
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, 2);

    // A change without a new version shows whether the day is read again.
    let tampered = "UPDATE analytics_service.event_rollup SET count = 100 WHERE day < CURRENT_DATE";
    let raised = "UPDATE analytics_service.event_day_versions SET version = DEFAULT";
    let database = &world.database.connection;
    database.execute_unprepared(tampered).await.unwrap();
    view(&world, event).await;
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, 3);
    database.execute_unprepared(raised).await.unwrap();
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, 102);
    world.end().await;
}

#[tokio::test]
async fn of_an_organization_only_the_event_and_the_day_that_changed_are_read_again() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let changing = world.publish_event(tenant, None).await;
    let other = world.publish_event(tenant, None).await;
    let yesterday = analytics_shared::clock::now() - chrono::Duration::days(1);
    for event in [changing, other] {
        let old = Fact::view(event).id(Uuid::new_v4()).at(yesterday);
        world.write().with_role("SERVICE").store(&old).await;
        view(&world, event).await;
    }
    let views = async || world.report(tenant, "").await.totals.total_views;
    assert_eq!(views().await, 4);

    // A change without a new version shows whether the day is read again.
    let change = async |sql: &str| {
        let database = &world.database.connection;
        database.execute_unprepared(sql).await.unwrap();
    };
    change("UPDATE analytics_service.event_rollup SET count = 100 WHERE day < CURRENT_DATE").await;
    change(&format!(
        "UPDATE analytics_service.event_rollup SET count = 1000 WHERE event_id = '{other}'"
    ))
    .await;
    view(&world, changing).await;
    assert_eq!(views().await, 5);
    // The current day of the other event is read when it changes, and its previous day is not.
    view(&world, other).await;
    assert_eq!(views().await, 1_005);
    let raised = "UPDATE analytics_service.event_day_versions SET version = DEFAULT
                  WHERE day < CURRENT_DATE";
    change(raised).await;
    assert_eq!(views().await, 100 + 2 + 1_000 + 1_001);
    world.end().await;
}

/// A report reads days without their hours, and both kinds of days are in one cache.
#[tokio::test]
async fn a_dashboard_after_a_report_has_the_hours_of_all_days() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for views in 1..=3 {
        view(&world, event).await;
        assert_eq!(world.report(tenant, "").await.totals.total_views, views);
        let dashboard = world.dashboard(tenant, event, "").await;
        let by_hour = dashboard.by_hour.iter().map(|hour| hour.views);
        assert_eq!(by_hour.sum::<u64>(), views);
    }
    world.end().await;
}

#[tokio::test]
async fn a_report_made_bit_by_bit_is_the_one_that_is_made_at_once() {
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let path = format!("/organizations/{tenant}/report?size=100&compare=previous");
    let here = world.read().of_tenant(tenant);
    // Many events, every other one in another zone than the requested one.
    for n in 0..14 {
        let zone = (n % 2 == 0).then_some("Asia/Tokyo");
        let event = world.publish_event(tenant, zone).await;
        for hours in [0, 5, 20, 30] {
            let fact = Fact::view(event)
                .id(Uuid::new_v4())
                .at(analytics_shared::clock::now() - chrono::Duration::hours(hours + n))
                .visitor(format!("{}", hours % (n + 1)))
                .source(format!("source {}", n % 3));
            world.write().with_role("SERVICE").store(&fact).await;
        }
        here.read(&path).await;
    }
    let made_bit_by_bit = tag(&here.get(&path).await);
    let fresh = [("DATABASE_URL", world.database.query_url.as_str())];
    let mut fresh = Service::start("analytics-query", &fresh).await;
    let there = Api::at(&fresh.url("")).of_tenant(tenant);
    let report: Report = there.read_as(&path).await;
    assert_eq!(report.totals.total_views, 14 * 4);
    assert_eq!(report.total_elements, 14);
    assert_eq!(tag(&there.get(&path).await), made_bit_by_bit);
    assert!(fresh.terminate().await.success());
    world.query.terminate().await;
    world.end().await;
}

#[tokio::test]
async fn every_day_of_the_rollup_has_a_version_whatever_wrote_it() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Asia/Tokyo")).await;
    let today = analytics_shared::clock::now().date_naive();
    for back in 1..6 {
        let day: NaiveDate = today - Days::new(back);
        let fact = Fact::view(event)
            .id(Uuid::new_v4())
            .at(format!("{day}T00:30:00Z"));
        world.write().with_role("SERVICE").track(&fact).await;
    }
    let without_version = "SELECT COUNT(*) FROM (
        SELECT tenant_id, event_id, day FROM analytics_service.event_rollup
        EXCEPT SELECT tenant_id, event_id, day FROM analytics_service.event_day_versions) AS without";
    let check = async |what: &str| {
        assert_eq!(world.database.number(without_version).await, 0, "{what}");
    };
    check("batches").await;
    world
        .publish_event_as(event, tenant, Some("America/New_York"))
        .await;
    let moved = format!(
        "SELECT COUNT(*) FROM analytics_service.tracked_events
        WHERE event_id = '{event}' AND rollup_timezone = 'America/New_York'"
    );
    world.until(&moved, 1).await;
    check("another zone").await;
    let versions = "SELECT SUM(version)::BIGINT FROM analytics_service.event_day_versions";
    let before = world.database.number(versions).await;
    assert!(world.database.migrate(&["rebuild"]).status.success());
    check("rebuild").await;
    assert!(world.database.number(versions).await > before);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_that_wait_share_a_run() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    view(&world, event).await;
    let paths = [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ];
    let mut lock = OpenTransaction::begin(&world.database).await;
    lock.execute("LOCK TABLE event_day_versions IN ACCESS EXCLUSIVE MODE")
        .await;
    let (member, admin) = (
        world.read().of_tenant(tenant),
        world.read().with_role("ADMIN"),
    );
    let mut requests = JoinSet::new();
    for path in &paths {
        for api in std::iter::repeat_n(&member, 5).chain([&admin]) {
            let (api, path) = (api.clone(), path.clone());
            requests.spawn(async move { api.read(&path).await });
        }
    }
    // One run of each figure for the tenant, and one for the administrator, who has other rights.
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND usename LIKE '%\\_query' AND wait_event_type = 'Lock'";
    world.until(waiting, 6).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.database.number(waiting).await, 6);
    lock.commit().await;
    while let Some(figures) = requests.join_next().await {
        let figures = figures.unwrap();
        let views = ["totalViews", "pageViews"].map(|name| figures[name].as_i64());
        let of_report = figures["totals"]["totalViews"].as_i64();
        assert_eq!(views.into_iter().flatten().chain(of_report).next(), Some(1));
    }
    world.end().await;
}
