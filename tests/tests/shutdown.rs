//! Being asked to stop loses nothing.

use std::{collections::HashSet, sync::Arc, time::Duration};

use analytics_tests::world::World;
use serde_json::json;
use tokio::{sync::Mutex, task::JoinSet};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_that_was_answered_202_before_sigterm_is_stored() {
    let mut world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let accepted = Arc::new(Mutex::new(HashSet::new()));
    let mut producers = JoinSet::new();
    for _ in 0..32 {
        let (write, accepted) = (world.write(), accepted.clone());
        producers.spawn(async move {
            loop {
                let fact =
                    json!({"id": Uuid::now_v7(), "eventType": "page.view", "eventId": event});
                // No answer: the server is gone, as it should be in the end.
                let Ok(answer) = write.try_post("/track", &fact).await else {
                    return;
                };
                if answer.status() == 202 {
                    accepted
                        .lock()
                        .await
                        .insert(fact["id"].as_str().unwrap().to_owned());
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let status = world.ingest.terminate().await;
    assert_eq!(status.code(), Some(0), "{}", world.ingest.logged());
    producers.join_all().await;

    let rows = world
        .database
        .rows("SELECT id::TEXT FROM analytics_service.analytics_events")
        .await;
    let stored: HashSet<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    let accepted = accepted.lock().await;
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
    let counted = "SELECT SUM(count)::BIGINT FROM analytics_service.event_daily";
    assert_eq!(
        world.database.number(counted).await,
        i64::try_from(stored.len()).unwrap()
    );
    world.broker.clean_up().await;
}
