//! The metrics of the database and the broker: unacknowledged messages, pools, replicas.

use std::time::Duration;

use analytics_shared::clock;
use analytics_tests::{
    faulty::FaultyWorld,
    proxy::{Mode, Proxy},
    replica::Pair,
    scrape::Scrape,
    service::Service,
    world::World,
};
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::{until, until_is};

/// More than the consumer takes at once.
const MESSAGES: usize = 3_000;

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_the_service_holds_are_counted_with_the_age_of_the_oldest() {
    let faulty = FaultyWorld::start().await;
    let (held, age) = (
        "analytics_ingest_unacknowledged_messages",
        "analytics_ingest_oldest_unacknowledged_message_age_seconds",
    );
    assert_eq!(Scrape::of(&faulty.ingest).await.value(held), Some(0.0));
    faulty.database.set(Mode::Stall);
    let messages = (0..MESSAGES).map(|_| async {
        let message = json!({"registrationId": Uuid::now_v7(), "eventId": faulty.event,
            "tenantId": faulty.tenant, "userId": Uuid::now_v7(), "occurredAt": clock::now()});
        faulty
            .world
            .broker
            .publish("registration.created", &message)
            .await;
    });
    join_all(messages).await;
    let all = f64::from(u32::try_from(MESSAGES).unwrap());
    until_is(&faulty.ingest, held, all).await;
    until(&faulty.ingest, age, |value| value > 3.0).await;
    assert_eq!(faulty.world.broker.waiting("").await, 0);
    faulty.database.set(Mode::Pass);
    until_is(&faulty.ingest, held, 0.0).await;
    until_is(&faulty.ingest, age, 0.0).await;
    faulty.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_and_a_database_that_does_not_respond_are_seen() {
    let mut world = World::start().await;
    assert!(world.query.terminate().await.success());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let (proxy, url) = Proxy::before(&world.database.query_url).await;
    let environment = [
        ("DATABASE_URL", url.as_str()),
        ("DATABASE_MAX_CONNECTIONS", "3"),
    ];
    world.query = Service::start("analytics-query", &environment).await;
    let pool = |metric: &str| format!("analytics_database_pool_{metric}");
    until_is(
        &world.query,
        &pool("max_connections{pool=\"requests\"}"),
        3.0,
    )
    .await;
    world.dashboard(tenant, event, "").await;
    let count = pool("acquire_duration_seconds_count{pool=\"requests\"}");
    until(&world.query, &count, |value| value >= 1.0).await;

    proxy.set(Mode::Stall);
    let reading = (1..=6).map(|days| {
        let api = world.read().of_tenant(tenant);
        let from = clock::now().date_naive() - chrono::Days::new(days);
        tokio::spawn(async move {
            api.get(&format!("/events/{event}/dashboard?dateFrom={from}"))
                .await
        })
    });
    let reading: Vec<_> = reading.collect();
    let used = pool("connections{pool=\"requests\",state=\"used\"}");
    until_is(&world.query, &used, 3.0).await;
    until_is(&world.query, "analytics_query_database_up", 0.0).await;
    until(&world.query, "analytics_http_requests_in_flight", |value| {
        value >= 1.0
    })
    .await;
    let slow = |scrape: &Scrape| {
        let fast = pool("acquire_duration_seconds_bucket{pool=\"requests\",le=\"2.5\"}");
        scrape.value(&count).unwrap() - scrape.value(&fast).unwrap()
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while slow(&Scrape::of(&world.query).await) < 1.0 {
        assert!(
            std::time::Instant::now() < deadline,
            "the probe does not wait"
        );
        sleep(Duration::from_millis(300)).await;
    }
    proxy.set(Mode::Pass);
    join_all(reading).await;
    until_is(&world.query, "analytics_query_database_up", 1.0).await;
    until_is(&world.query, "analytics_http_requests_in_flight", 0.0).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_delay_of_a_replica_is_seen() {
    let Pair { database, standby } = Pair::start().await;
    let environment = [("DATABASE_URL", standby.query_url.as_str())];
    let query = Service::start("analytics-query", &environment).await;
    let lag = "analytics_query_replica_lag_seconds";
    until_is(&query, "analytics_query_database_up", 1.0).await;
    until_is(&query, lag, 0.0).await;
    standby.run("SELECT pg_wal_replay_pause()").await;
    let write = "CREATE TABLE analytics_service.later (id INTEGER)";
    database.connection.execute_unprepared(write).await.unwrap();
    until(&query, lag, |value| value > 1.0).await;
    standby.run("SELECT pg_wal_replay_resume()").await;
    until_is(&query, lag, 0.0).await;
}
