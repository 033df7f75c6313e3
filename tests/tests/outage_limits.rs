//! A sender without a token gains nothing by an outage of the database: what waits without a look-up of its event has
//! the limits of one event and of one client.

use analytics_tests::{api::Api, fact::Fact, faulty::FaultyWorld, proxy::Mode};
use serde_json::Value;
use uuid::Uuid;

use crate::BROKER_PUBLISHES;

/// The maximum number of facts of a batch.
const BATCH: usize = 1_000;
/// The share of the default limit of distinct values that one client has.
const VALUES: i64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn events_that_a_sender_invents_share_the_quota_of_one() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start_with(&[("EVENT_QUOTA_MIB_PER_DAY", "1")]).await;
    faulty.database.set(Mode::Cut);
    let anonymous = Api::at(&faulty.ingest.url(""));
    let mut queued = 0;
    for _ in 0..2 {
        let invented = (0..BATCH).map(|_| Fact::view(Uuid::now_v7()));
        let response = anonymous
            .post("/track/batch", &invented.collect::<Value>())
            .await;
        let receipts: Value = response.json().await.unwrap();
        queued += receipts["totals"]["queued"].as_u64().unwrap();
    }
    // A fact takes a KiB and its properties.
    assert!((500..=1_024).contains(&queued), "{queued} facts");
    let fact = Fact::view(Uuid::now_v7());
    assert_eq!(anonymous.post("/track", &fact).await.status(), 429);
    // That of an event that is known is not used up, and services have none.
    let fact = Fact::view(faulty.event);
    assert_eq!(anonymous.track(&fact).await.status, "queued");
    let fact = Fact::view(Uuid::now_v7()).tenant(faulty.tenant);
    assert_eq!(faulty.write().track(&fact).await.status, "queued");
    faulty.database.set(Mode::Pass);
    faulty.until_empty(".overflow").await;
    // With that of the start.
    faulty.world.until_stored(3).await;
    faulty.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_waited_add_values_to_a_day_as_one_client() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let faulty = FaultyWorld::start().await;
    let event = faulty.world.publish_event(faulty.tenant, None).await;
    faulty.database.set(Mode::Cut);
    let anonymous = Api::at(&faulty.ingest.url(""));
    let facts = 3 * VALUES;
    for number in 0..facts {
        let fact = Fact::view(event).source(format!("invented-{number}"));
        assert_eq!(anonymous.track(&fact).await.status, "queued");
    }
    faulty.database.set(Mode::Pass);
    // With that of the start.
    faulty.world.until_stored(facts + 1).await;
    let sources = format!(
        "SELECT COUNT(DISTINCT properties ->> 'source') FROM analytics_service.analytics_events
         WHERE event_id = '{event}'"
    );
    // And `other`.
    assert_eq!(faulty.world.database.number(&sources).await, VALUES + 1);
    faulty.end().await;
}
