//! A rolling restart of both tiers fails no request and loses nothing that was acknowledged.
//!
//! `ROLLING_RATE` sets the number of requests per second.

mod clients;
mod fleet;

use std::{collections::HashSet, time::Duration};

use analytics_tests::{
    fact::Fact,
    faulty::verify,
    world::{NO_RATE_LIMIT, World},
};
use uuid::Uuid;

use crate::BROKER_PUBLISHES;
use clients::{Clients, Load};
use fleet::Fleet;

/// The number of requests per second, unless `ROLLING_RATE` is set.
const RATE: u32 = 200;
/// The setting by which clients of the loopback interface have no limit of connections.
const MANY_CLIENTS: (&str, &str) = ("HTTP_MAX_CONNECTIONS_PER_ADDRESS", "5000");
/// That of the chart.
const DRAIN: (&str, &str) = ("DRAIN_SECONDS", "5");
/// Organizations that are read, so that no limit of one applies.
const ORGANIZATIONS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_fails_no_request_and_loses_nothing_that_was_acknowledged() {
    let rate = std::env::var("ROLLING_RATE").ok();
    let rate = rate.map_or(RATE, |rate| rate.parse().expect("a number"));
    let _publishing = BROKER_PUBLISHES.read().await;
    let mut world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let mut read = Vec::new();
    for _ in 0..ORGANIZATIONS {
        let tenant = Uuid::now_v7();
        let event = world.publish_event(tenant, None).await;
        world.write().store(&Fact::view(event)).await;
        read.push((tenant, event));
    }
    assert!(world.ingest.terminate().await.success());
    assert!(world.query.terminate().await.success());
    let common = [NO_RATE_LIMIT, MANY_CLIENTS, DRAIN];
    let writing = [
        ("DATABASE_URL", world.database.ingest_url.as_str()),
        ("AMQP_URL", &world.broker.url),
        ("AMQP_EXCHANGE", &world.broker.exchange),
        ("AMQP_QUEUE", &world.broker.queue),
    ];
    let reading = [("DATABASE_URL", world.database.query_url.as_str())];
    let (mut ingest, mut query) = tokio::join!(
        Fleet::start("analytics-ingest", [&writing[..], &common].concat()),
        Fleet::start("analytics-query", [&reading[..], &common].concat()),
    );

    let write = Clients::start(ingest.address(), &Load::writing(event), rate / 2);
    let read = Clients::start(query.address(), &Load::reading(&read), rate / 2);
    tokio::time::sleep(Duration::from_secs(2)).await;
    tokio::join!(ingest.restart(), query.restart());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (written, read) = tokio::join!(write.stop(), read.stop());
    for (tier, results) in [("ingest", &written), ("query", &read)] {
        let (requests, rate) = (results.requests, results.rate());
        println!(
            "{tier}: {requests} requests, {rate:.0} per second, {} closed by the server",
            results.closed
        );
        assert!(
            results.failures.is_empty(),
            "{tier}: {} of {requests} failed: {:?}",
            results.failures.len(),
            results.failures.first()
        );
        assert!(results.closed > 0, "{tier}: no connection was drained");
    }
    assert!(
        written.rate() + read.rate() > f64::from(rate) / 2.0,
        "no load"
    );

    let rows = "SELECT id::TEXT FROM analytics_service.analytics_events";
    let rows = world.database.rows(rows).await;
    let stored: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    let distinct: HashSet<&String> = stored.iter().collect();
    assert_eq!(distinct.len(), stored.len(), "a fact is stored twice");
    let lost = written
        .acknowledged
        .iter()
        .filter(|id| !distinct.contains(id));
    assert_eq!(lost.count(), 0, "of {}", written.acknowledged.len());
    ingest.end().await;
    query.end().await;
    verify(&world);
}
