//! Neither being asked to stop nor a crash loses what was answered 202.

use std::{collections::HashSet, time::Duration};

use analytics_tests::{fact::Fact, world::World};
use tokio::task::JoinSet;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_that_was_answered_202_before_sigterm_is_stored() {
    let (mut world, producers) = under_load().await;
    let status = world.ingest.terminate().await;
    assert_eq!(status.code(), Some(0), "{}", world.ingest.logged());
    nothing_is_lost(world, producers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_that_was_answered_202_before_a_crash_is_stored() {
    let (mut world, producers) = under_load().await;
    world.ingest.kill().await;
    nothing_is_lost(world, producers).await;
}

/// The ids that were answered 202, by each producer.
type Producers = JoinSet<HashSet<String>>;

/// Producers that send until the server is gone, for a moment already.
async fn under_load() -> (World, Producers) {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let mut producers = JoinSet::new();
    for _ in 0..32 {
        let write = world.write().with_role("SERVICE");
        producers.spawn(async move {
            let mut accepted = HashSet::new();
            loop {
                let fact = Fact::view(event).id(Uuid::now_v7());
                // No answer: the server is gone, as it should be in the end.
                let Ok(answer) = write.try_post("/track", &fact).await else {
                    return accepted;
                };
                if answer.status() == 202 {
                    accepted.insert(fact["id"].as_str().unwrap().to_owned());
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    (world, producers)
}

async fn nothing_is_lost(world: World, producers: Producers) {
    let accepted: HashSet<String> = producers.join_all().await.into_iter().flatten().collect();
    let rows = world
        .database
        .rows("SELECT id::TEXT FROM analytics_service.analytics_events")
        .await;
    let stored: HashSet<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    assert!(
        accepted.len() > 100,
        "only {} facts under load",
        accepted.len()
    );
    let lost: Vec<_> = accepted.difference(&stored).collect();
    assert!(
        lost.is_empty(),
        "{} of {} were lost",
        lost.len(),
        accepted.len()
    );
    // In one snapshot: what a server that was killed had begun may still be committed.
    let uncounted = "SELECT (SELECT COUNT(*) FROM analytics_service.analytics_events)
                          - (SELECT SUM(count)::BIGINT FROM analytics_service.event_rollup)";
    assert_eq!(world.database.number(uncounted).await, 0);
}
