//! Subscribers receive every change within two seconds, and a thousand subscribers of an event cost the database
//! no more than one.

use std::time::{Duration, Instant};

use analytics_shared::{
    auth::{Caller, TokenRules, TokenSigner},
    clock,
};
use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    pooler::messages_of_statement,
    process::JWT_SECRET,
    proxy::{Mode, Proxy},
    service::Service,
    watch::{StreamEvent, Watch},
    world::World,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

/// The maximum delay.
const SOON: Duration = Duration::from_secs(2);
const WATCHERS: usize = 1_000;

async fn track(world: &World, event: Uuid, kind: &str) {
    let fact = Fact::new(kind, event)
        .registration(Uuid::now_v7())
        .visitor(Uuid::now_v7())
        .property("amountCents", 900)
        .property("currency", "EUR");
    world.write().with_role("SERVICE").store(&fact).await;
}

async fn check_in(world: &World, event: Uuid) {
    track(world, event, "checkin.completed").await;
}

/// A world whose read tier reaches the database through a proxy.
async fn through_proxy() -> (World, Proxy) {
    let mut world = World::start().await;
    assert!(world.query.terminate().await.success());
    let (proxy, url) = Proxy::before(&world.database.query_url).await;
    let environment = [
        ("DATABASE_URL", url.as_str()),
        // All of them have one token and one address.
        ("STREAM_MAX_PER_TOKEN", "1000"),
        ("STREAM_MAX_PER_ADDRESS", "1000"),
    ];
    world.query = Service::start("analytics-query", &environment).await;
    (world, proxy)
}

/// A gauge of the read tier.
async fn gauge(world: &World, name: &str) -> Option<f64> {
    let text = reqwest::get(world.query.management_url("/metrics"))
        .await
        .unwrap();
    let text = text.text().await.unwrap();
    let value = |line: &str| line.strip_prefix(name)?.trim().parse().ok();
    text.lines().find_map(value)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_sees_each_check_in_within_two_seconds() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let mut watch = Watch::open(&world.read().of_tenant(tenant), event, None).await;
    assert_eq!(watch.next().await, Some(StreamEvent::Retry(3_000)));
    assert_eq!(watch.figures().await.1["checkedIn"], 0);
    let mut slowest = Duration::ZERO;
    for number in 1..=6 {
        // At a different phase of the polling interval each time.
        sleep(Duration::from_millis(205 * number)).await;
        check_in(&world, event).await;
        let stored = Instant::now();
        let (_, figures) = watch.until(|figures| figures["checkedIn"] == number).await;
        assert_eq!(figures["today"]["checkIns"], number);
        slowest = slowest.max(stored.elapsed());
    }
    println!("slowest: {slowest:?}");
    assert!(slowest < SOON, "{slowest:?}");
    drop(watch);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_figures_are_those_of_the_dashboard() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Asia/Kolkata")).await;
    let read = world.read().of_tenant(tenant);
    let mut watch = Watch::open(&read, event, None).await;
    assert_eq!(watch.figures().await.1["totalViews"], 0);
    let long_ago = clock::now() - chrono::Duration::days(40);
    let old = Fact::view(event)
        .id(Uuid::new_v4())
        .at(long_ago)
        .visitor("one");
    world.write().with_role("SERVICE").store(&old).await;
    for kind in [
        "page.view",
        "registration.completed",
        "registration.completed",
        "registration.cancelled",
        "payment.completed",
        "payment.refunded",
        "checkin.completed",
    ] {
        track(&world, event, kind).await;
    }
    // The days are rebuilt in another zone while there is a subscriber.
    for zone in ["Asia/Kolkata", "America/New_York"] {
        world.publish_event_as(event, tenant, Some(zone)).await;
        let is_whole = |figures: &Value| {
            figures["timezone"] == zone && figures["checkedIn"] == 1 && figures["totalViews"] == 2
        };
        let newest = match zone {
            // Known figures are not sent again, so a new subscriber reads them.
            "Asia/Kolkata" => Watch::open(&read, event, None).await.until(is_whole).await,
            _ => watch.until(is_whole).await,
        };
        let dashboard = world.dashboard_json(tenant, event, "").await;
        assert_eq!(dashboard["timezone"], zone);
        let figures = newest.1.as_object().unwrap();
        for (name, value) in figures.iter().filter(|(name, _)| *name != "today") {
            assert_eq!(value, &dashboard[name], "{name} in {zone}");
        }
        let mut today = dashboard["byDay"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        // Only days of a dashboard have the distance to the event.
        today
            .as_object_mut()
            .unwrap()
            .remove("daysToEvent")
            .unwrap();
        assert_eq!(figures["today"], today);
        assert_eq!(figures["revenue"][0]["amountCents"], 900);
    }
    drop(watch);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_watchers_cost_less_than_a_statement_per_second_while_all_changes() {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let (world, proxy) = through_proxy().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let read = world.read().of_tenant(tenant);
    let (check_ins, mut watchers) = (40, JoinSet::new());
    for _ in 0..WATCHERS {
        let read = read.clone();
        watchers.spawn(async move {
            let mut watch = Watch::open(&read, event, None).await;
            watch.figures().await;
            watch
        });
    }
    let watchers = watchers.join_all().await;
    assert_eq!(
        gauge(&world, "analytics_query_live_watchers").await,
        Some(1_000.0)
    );
    assert_eq!(
        gauge(&world, "analytics_query_live_events").await,
        Some(1.0)
    );

    let (before, started) = (proxy.statements(), Instant::now());
    let mut watching = JoinSet::new();
    for mut watch in watchers {
        watching.spawn(async move {
            let all = |figures: &Value| figures["checkedIn"] == check_ins;
            watch.until(all).await;
            (watch, Instant::now())
        });
    }
    let mut stored = started;
    for _ in 0..check_ins {
        sleep(Duration::from_millis(300)).await;
        check_in(&world, event).await;
        stored = Instant::now();
    }
    let (watchers, told): (Vec<_>, Vec<_>) = watching.join_all().await.into_iter().unzip();
    let slowest = told
        .into_iter()
        .max()
        .unwrap()
        .saturating_duration_since(stored);
    let statements = (proxy.statements() - before) / messages_of_statement();
    let statements = u32::try_from(statements).unwrap();
    let took = started.elapsed();
    println!("{statements} statements in {took:?}; the slowest of {WATCHERS} after {slowest:?}");
    println!(
        "the read tier takes {} MiB",
        world.query.memory_kib() / 1024
    );
    assert!(took > Duration::from_secs(10) && statements >= 5);
    assert!(
        // The monitor of the database takes one of them per second.
        f64::from(statements) < 2.0 * took.as_secs_f64(),
        "{statements} in {took:?}"
    );
    assert!(slowest < SOON, "{slowest:?}");

    drop(watchers);
    while gauge(&world, "analytics_query_live_events").await != Some(0.0) {
        assert!(started.elapsed() < Duration::from_mins(1), "still watched");
        sleep(Duration::from_millis(100)).await;
    }
    let before = proxy.statements();
    sleep(Duration::from_secs(3)).await;
    // Only the monitor of every second remains.
    let statements = (proxy.statements() - before) / messages_of_statement();
    assert!(statements <= 4, "no subscriber is left: {statements}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_with_the_last_id_is_told_only_what_is_new() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    check_in(&world, event).await;
    let read = world.read().of_tenant(tenant);
    let (id, _) = Watch::open(&read, event, None).await.figures().await;
    // Another replica has the same id for the same state.
    let replica = [("DATABASE_URL", world.database.query_url.as_str())];
    let mut replica = Service::start("analytics-query", &replica).await;
    let there = Api::at(&replica.url("")).of_tenant(tenant);
    assert_eq!(Watch::open(&there, event, None).await.figures().await.0, id);

    let mut watch = Watch::open(&there, event, Some(&id)).await;
    check_in(&world, event).await;
    let (newer, figures) = watch.figures().await;
    assert_eq!(figures["checkedIn"], 2);
    assert_ne!(newer, id);
    assert_eq!(
        Watch::open(&there, event, Some(&id))
            .await
            .figures()
            .await
            .0,
        newer
    );
    drop(watch);
    assert!(replica.terminate().await.success());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_may_watch_and_a_stream_ends_with_its_token() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let path = format!("/events/{event}/live");
    let (status, _) = problem(world.read().get(&path).await).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let stranger = world.read().of_tenant(Uuid::now_v7());
    let (status, theirs) = problem(stranger.get(&path).await).await;
    assert_eq!(
        (status, &theirs["code"]),
        (StatusCode::NOT_FOUND, &json!("unknown_event"))
    );
    let admin = world.read().with_role("ADMIN");
    assert_eq!(
        Watch::open(&admin, event, None).await.figures().await.1["totalViews"],
        0
    );

    let caller = Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: vec![],
    };
    let (now, short) = (clock::now(), chrono::Duration::seconds(3));
    let token = TokenSigner::new(JWT_SECRET, TokenRules::default())
        .sign(&caller, now, short)
        .unwrap();
    let ends = Instant::now() + Duration::from_secs(3);
    let mut watch = Watch::open(&world.read().bearing(token), event, None).await;
    while watch.next().await.is_some() {}
    let late = Instant::now().saturating_duration_since(ends);
    assert!(late < Duration::from_secs(3), "{late:?} after its token");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_do_not_hold_up_the_end_of_the_service() {
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let read = world.read().of_tenant(tenant);
    let mut watches = Vec::new();
    for _ in 0..20 {
        let mut watch = Watch::open(&read, event, None).await;
        watch.figures().await;
        watches.push(watch);
    }
    let asked = Instant::now();
    assert!(world.query.terminate().await.success());
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    // Each stream has a regular end; none is aborted.
    for mut watch in watches {
        assert_eq!(watch.next().await, None);
    }
    assert!(!world.query.logged().contains("are aborted"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_outlives_an_outage_of_the_database() {
    let (world, proxy) = through_proxy().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let mut watch = Watch::open(&world.read().of_tenant(tenant), event, None).await;
    assert_eq!(watch.figures().await.1["checkedIn"], 0);
    for (number, mode) in [(1, Mode::Cut), (2, Mode::Stall)] {
        proxy.set(mode);
        check_in(&world, event).await;
        assert_eq!(watch.next().await, Some(StreamEvent::Heartbeat), "{mode:?}");
        proxy.set(Mode::Pass);
        let back = Instant::now();
        let (_, figures) = watch.figures().await;
        assert_eq!(figures["checkedIn"], number);
        println!("{mode:?}: {:?} after the database is back", back.elapsed());
    }
    // A second outage within a minute is the same episode.
    let log = world.query.logged();
    for line in [
        "polling for live metrics fails",
        "polling for live metrics works again",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{log}");
    }
    drop(watch);
    world.end().await;
}
