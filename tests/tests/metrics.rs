//! Every metric of a tier is documented in `docs/METRICS.md`.

use std::collections::BTreeSet;

use analytics_shared::clock;
use analytics_tests::{fact::Fact, watch::Watch, world::World};
use serde_json::json;
use uuid::Uuid;

const TABLE: &str = include_str!("../../docs/METRICS.md");

#[tokio::test]
async fn every_metric_is_documented() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let hour_ago = clock::now() - chrono::Duration::hours(1);
    let view = Fact::view(event).at(hour_ago);
    world.write().with_role("SERVICE").track(&view).await;
    world.write().post("/track", &json!({})).await;
    world
        .broker
        .publish("registration.created", &json!({}))
        .await;
    world.broker.dead_letter().await;
    world.dashboard(tenant, event, "").await;
    let mut watch = Watch::open(&world.read().of_tenant(tenant), event, None).await;
    watch.figures().await;

    let mut seen = BTreeSet::new();
    let mut text = String::new();
    for service in [&world.ingest, &world.query] {
        text += &reqwest::get(service.management_url("/metrics"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
    }
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# TYPE ") {
            seen.insert(name.split(' ').next().unwrap().to_owned());
        }
    }
    assert!(seen.len() >= 10, "{seen:?}");
    let undocumented: Vec<_> = seen
        .iter()
        .filter(|name| !TABLE.contains(&format!("`{name}`")))
        .collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
    // The lag has its own buckets, up to a day.
    let within =
        |bound: &str| format!("analytics_ingest_commit_lag_seconds_bucket{{le=\"{bound}\"}} ");
    let count = |bound: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(&within(bound)).map(str::to_owned))
    };
    assert_eq!(
        (count("600").as_deref(), count("21600").as_deref()),
        (Some("0"), Some("1"))
    );
    drop(watch);
    world.end().await;
}
