//! No acknowledged fact is lost or counted twice, whichever processes and servers fail.
//!
//! `CHAOS_SECONDS` sets the duration, `CHAOS_SEED` repeats the faults of a run.

mod fleet;
mod producers;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use analytics_tests::{
    faulty::verify,
    proxy::{Mode, Proxy},
    world::World,
};
use fleet::Fleet;
use producers::Producers;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::BROKER_PUBLISHES;

/// The duration of the faults, unless `CHAOS_SECONDS` is set.
const SECONDS: u64 = 60;
/// The time within which all facts must be stored afterwards.
const SETTLING: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stops_every_acknowledged_fact_is_stored_exactly_once() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seconds = number("CHAOS_SECONDS").unwrap_or(SECONDS);
    let seed = number("CHAOS_SEED").unwrap_or_else(|| rand::rng().random());
    println!("CHAOS_SEED={seed}");

    let _publishing = BROKER_PUBLISHES.read().await;
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let mut events = Vec::new();
    for _ in 0..5 {
        events.push(world.publish_event(tenant, Some("America/New_York")).await);
    }
    assert!(world.ingest.terminate().await.success());
    let (database, database_url) = Proxy::before(&world.database.ingest_url).await;
    let (broker, broker_url) = Proxy::before(&world.broker.url).await;
    let mut fleet = Fleet::start(&database_url, &broker_url, &world.broker).await;
    let producers = Producers::start(&fleet, &world.broker, tenant, &events).await;

    let mut rng = StdRng::seed_from_u64(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        let calm = rng.random_range(500..2_000);
        tokio::time::sleep(Duration::from_millis(calm)).await;
        let lasting = Duration::from_millis(rng.random_range(200..5_000));
        let (server, name) = if rng.random() {
            (&database, "database")
        } else {
            (&broker, "broker")
        };
        let replica = rng.random_range(0..2);
        match rng.random_range(0..5) {
            0 => fleet.kill(replica).await,
            1 => fleet.terminate(replica).await,
            fault => {
                let mode = if fault == 2 { Mode::Stall } else { Mode::Cut };
                println!("{mode:?} {name} for {lasting:?}");
                server.set(mode);
                // Sometimes a replica fails as well.
                if rng.random_ratio(1, 4) {
                    fleet.kill(replica).await;
                }
                tokio::time::sleep(lasting).await;
                server.set(Mode::Pass);
            }
        }
    }

    let acknowledged = producers.stop().await;
    assert!(
        acknowledged.len() > 1_000,
        "only {} facts",
        acknowledged.len()
    );
    let settled_by = Instant::now() + SETTLING;
    loop {
        let stored = stored(&world).await;
        let missing = acknowledged.iter().filter(|key| !stored.contains_key(*key));
        let missing = missing.count();
        let waiting = [".overflow", ".retry", ""].map(|suffix| world.broker.waiting(suffix));
        let waiting: u32 = futures_util::future::join_all(waiting).await.iter().sum();
        if missing == 0 && waiting == 0 {
            let twice: Vec<_> = stored.iter().filter(|(_, times)| **times != 1).collect();
            assert!(twice.is_empty(), "stored more than once: {twice:?}");
            println!(
                "{} facts acknowledged, {} stored",
                acknowledged.len(),
                stored.len()
            );
            break;
        }
        let total = acknowledged.len();
        assert!(
            Instant::now() < settled_by,
            "{missing} of {total} are missing, {waiting} messages wait"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(world.broker.waiting(".dead-letters").await, 0);
    fleet.end().await;
    verify(&world);
}

/// The number of stored facts by deduplication key.
async fn stored(world: &World) -> HashMap<String, i64> {
    let rows = world
        .database
        .rows(
            "SELECT CASE event_type
                        WHEN 'page.view' THEN id::TEXT
                        WHEN 'payment.completed' THEN event_type || ' ' || (properties ->> 'paymentId')
                        ELSE event_type || ' ' || (properties ->> 'registrationId')
                    END,
                    COUNT(*)
             FROM analytics_service.analytics_events GROUP BY 1",
        )
        .await;
    let of = |row: &sea_orm::QueryResult| {
        let key: String = row.try_get_by_index(0).unwrap();
        let times: i64 = row.try_get_by_index(1).unwrap();
        (key, times)
    };
    rows.iter().map(of).collect()
}
