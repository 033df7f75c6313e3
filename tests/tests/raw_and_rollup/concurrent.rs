//! The concurrent operations with `RAW_AND_ROLLUP_CONCURRENT=1`: rebuilds, and time zone changes, which cause
//! rebuilds.

use std::time::Duration;

use analytics_shared::clock;
use analytics_tests::world::World;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::workload::{Case, ZONES, published};

/// Time between two changes of a zone.
const ZONE_INTERVAL: Duration = Duration::from_millis(150);

/// Whether this is requested.
pub fn is_requested() -> bool {
    std::env::var("RAW_AND_ROLLUP_CONCURRENT").is_ok_and(|value| value == "1")
}

/// Runs `checking` while the events of `tenant` are rebuilt and their zones change. Then waits for all rebuilds,
/// and asserts that `verify` finds no difference.
pub async fn beside_maintenance(
    world: &World,
    tenant: Uuid,
    events: [Uuid; 2],
    case: &Case,
    checking: impl Future<Output = ()>,
) {
    let done = CancellationToken::new();
    let checked = async {
        checking.await;
        done.cancel();
    };
    tokio::join!(
        checked,
        rebuild(world, tenant, &done),
        change_zones(world, tenant, events, case, &done),
    );
    let pending = format!(
        "SELECT COUNT(*) FROM analytics_service.tracked_events
         WHERE tenant_id = '{tenant}' AND rollup_timezone IS NULL"
    );
    world.until(&pending, 0).await;
    let command = ["verify", "--tenant", &tenant.to_string()];
    let (success, text) = world.database.spawn_migrate(&command).await.unwrap();
    assert!(success, "{text}");
}

async fn rebuild(world: &World, tenant: Uuid, done: &CancellationToken) {
    while !done.is_cancelled() {
        let command = ["rebuild", "--tenant", &tenant.to_string()];
        let (success, text) = world.database.spawn_migrate(&command).await.unwrap();
        assert!(success, "{text}");
    }
}

async fn change_zones(
    world: &World,
    tenant: Uuid,
    events: [Uuid; 2],
    case: &Case,
    done: &CancellationToken,
) {
    // The case publishes its events itself.
    let registered = format!(
        "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE tenant_id = '{tenant}'"
    );
    while world.database.number(&registered).await < 2 && !done.is_cancelled() {
        tokio::time::sleep(ZONE_INTERVAL).await;
    }
    for round in 0.. {
        for (at, event) in events.into_iter().enumerate() {
            if done.is_cancelled() {
                return;
            }
            let zone = Some((round + at) % ZONES.len());
            let body = published(tenant, event, case, zone, clock::now());
            world.broker.publish("event.published", &body).await;
            tokio::time::sleep(ZONE_INTERVAL).await;
        }
    }
}
