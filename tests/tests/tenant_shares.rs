//! Each tenant has a share of the read tier: one that asks for more waits or receives 429, and the others notice
//! nothing.

use std::time::Duration;

use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    service::Service,
    watch::Watch,
    world::World,
};
use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use tokio::task::JoinSet;
use uuid::Uuid;

/// A tenant with an event of one view.
async fn tenant_with_event(world: &World) -> (Uuid, Uuid) {
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    world.write().track(&Fact::view(event)).await;
    (tenant, event)
}

/// Restarts the read tier with more environment.
async fn restart(world: &mut World, more: &[(&str, &str)]) {
    assert!(world.query.terminate().await.success());
    let mut environment = vec![("DATABASE_URL", world.database.query_url.as_str())];
    environment.extend(more);
    world.query = Service::start("analytics-query", &environment).await;
}

/// Locks the raw facts, so that every read of them waits until this is rolled back.
async fn lock_facts(world: &World) -> DatabaseTransaction {
    let lock = world.database.connection.begin().await.unwrap();
    let locked = "LOCK TABLE analytics_service.analytics_events IN ACCESS EXCLUSIVE MODE";
    lock.execute_unprepared(locked).await.unwrap();
    lock
}

/// Requests a funnel that needs raw facts, and that no cache has.
fn ask(read: &Api, event: Uuid, number: usize) -> impl Future<Output = Response> + use<> {
    let read = read.clone();
    let path = format!("/events/{event}/funnel?details=always&source={number}");
    async move { read.get(&path).await }
}

async fn is_refused(response: Response, code: &str) -> u64 {
    let retry_after = response.headers().get(RETRY_AFTER).cloned();
    let (status, body) = problem(response).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{body}");
    assert_eq!(body["code"], code);
    let seconds = retry_after.unwrap();
    seconds.to_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_noisy_tenant_scans_in_its_turn_and_a_quiet_one_has_another() {
    // More than the service has connections.
    const ASKERS: usize = 12;
    let world = World::start().await;
    let ((noisy, event), (quiet, other)) = (
        tenant_with_event(&world).await,
        tenant_with_event(&world).await,
    );
    let (noisy, quiet) = (world.read().of_tenant(noisy), world.read().of_tenant(quiet));
    let lock = lock_facts(&world).await;
    let mut asked = JoinSet::new();
    for number in 0..ASKERS {
        asked.spawn(ask(&noisy, event, number));
    }
    for _ in 0..ASKERS - 1 {
        let response = asked.join_next().await.unwrap().unwrap();
        is_refused(response, "too_many_reads").await;
    }
    // One scan of the noisy tenant is under way. Reads without a scan are served, and so is the other tenant.
    for (read, event) in [(&noisy, event), (&quiet, other)] {
        let funnel = format!("/events/{event}/funnel?details=never");
        assert_eq!(read.read(&funnel).await["pageViews"], 1);
    }
    let scan = tokio::spawn(ask(&quiet, other, 0));
    tokio::time::sleep(Duration::from_millis(200)).await;
    lock.rollback().await.unwrap();
    assert_eq!(scan.await.unwrap().status(), StatusCode::OK);
    let last = asked.join_next().await.unwrap().unwrap();
    assert_eq!(last.status(), StatusCode::OK);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_has_used_its_time_waits_for_the_next_minute_and_others_do_not() {
    let mut world = World::start().await;
    let ((noisy, event), (quiet, other)) = (
        tenant_with_event(&world).await,
        tenant_with_event(&world).await,
    );
    restart(&mut world, &[("READ_SECONDS_PER_MINUTE", "1")]).await;
    let (noisy, quiet) = (world.read().of_tenant(noisy), world.read().of_tenant(quiet));
    let lock = lock_facts(&world).await;
    let slow = tokio::spawn(ask(&noisy, event, 0));
    tokio::time::sleep(Duration::from_secs(3)).await;
    lock.rollback().await.unwrap();
    assert_eq!(slow.await.unwrap().status(), StatusCode::OK);

    for path in [
        format!("/events/{event}/funnel"),
        format!("/events/{event}/dashboard"),
    ] {
        let seconds = is_refused(noisy.get(&path).await, "too_many_reads").await;
        // Three seconds of reading are three minutes of the budget.
        assert!((100..=200).contains(&seconds), "{seconds}");
    }
    quiet.read(&format!("/events/{other}/dashboard")).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_300_streams_of_one_token_those_beyond_the_limit_are_429() {
    const STREAMS: usize = 300;
    let world = World::start().await;
    let ((noisy, event), (quiet, other)) = (
        tenant_with_event(&world).await,
        tenant_with_event(&world).await,
    );
    let (noisy, quiet) = (world.read().of_tenant(noisy), world.read().of_tenant(quiet));
    let mut asked = JoinSet::new();
    for _ in 0..STREAMS {
        let (read, path) = (noisy.clone(), format!("/events/{event}/live"));
        asked.spawn(async move { read.get(&path).await });
    }
    let (mut open, mut refused) = (Vec::new(), 0);
    while let Some(response) = asked.join_next().await {
        let response = response.unwrap();
        if response.status() == StatusCode::OK {
            open.push(response);
        } else {
            is_refused(response, "too_many_streams").await;
            refused += 1;
        }
    }
    assert_eq!((open.len(), refused), (50, STREAMS - 50));
    let mut watch = Watch::open(&quiet, other, None).await;
    assert_eq!(watch.figures().await.1["totalViews"], 1);
    // A stream that is closed makes room for another.
    drop(open);
    let path = format!("/events/{event}/live");
    let reopened = async {
        while noisy.get(&path).await.status() != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reopened)
        .await
        .expect("room for a stream");
    drop(watch);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_limited_by_tenant_and_by_address() {
    let mut world = World::start().await;
    let ((one, event), (two, other)) = (
        tenant_with_event(&world).await,
        tenant_with_event(&world).await,
    );
    let limits = [
        ("STREAM_MAX_PER_TENANT", "2"),
        ("STREAM_MAX_PER_ADDRESS", "3"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    restart(&mut world, &limits).await;
    let read = world.read();
    let users: Vec<_> = (0..3).map(|_| read.of_user(one, Uuid::now_v7())).collect();
    let _first = Watch::open(&users[0], event, None).await;
    let _second = Watch::open(&users[1], event, None).await;
    let path = format!("/events/{event}/live");
    is_refused(users[2].get(&path).await, "too_many_streams").await;
    // The third stream of this address is that of another tenant.
    let read = read.of_tenant(two);
    let _third = Watch::open(&read, other, None).await;
    let path = format!("/events/{other}/live");
    is_refused(read.get(&path).await, "too_many_streams").await;
    // A client behind a trusted proxy is another address.
    let proxied = read.get_with(&path, "X-Forwarded-For", "203.0.113.9").await;
    assert_eq!(proxied.status(), StatusCode::OK);
    drop(proxied);
    world.end().await;
}
