//! Rollup and facts agree under concurrent batches, compaction, rebuilds, time zone changes, forget and
//! retention. Each test forces one interleaving with open transactions.

mod bounds;
mod compaction_locks;
mod forget;
mod rebuild;
mod sealing;
mod time_zone;
mod versions;
mod zone_delays;

use std::time::{Duration, Instant};

use analytics_tests::{database::TestDatabase, fact::Fact, faulty::verify, world::World};
use uuid::Uuid;

/// A world with a tenant and an event.
struct Fixture {
    world: World,
    tenant: Uuid,
    event: Uuid,
}

impl Fixture {
    /// Starts everything; compaction runs every second.
    async fn start(timezone: Option<&str>) -> Self {
        let world = World::start_with(&[("COMPACTION_INTERVAL_SECONDS", "1")]).await;
        let tenant = Uuid::now_v7();
        let event = world.publish_event(tenant, timezone).await;
        Self {
            world,
            tenant,
            event,
        }
    }

    /// Stores views of `event` by visitors with these numbers, each in its own batch.
    async fn view_as(&self, event: Uuid, visitors: std::ops::Range<usize>) {
        for number in visitors {
            self.view(event, &format!("visitor {number}")).await;
        }
    }

    /// Stores a view of `event`.
    async fn view(&self, event: Uuid, visitor: &str) {
        let view = Fact::view(event).visitor(visitor);
        self.world.write().of_tenant(self.tenant).store(&view).await;
    }

    /// The dashboard's views and unique views.
    async fn views(&self) -> [u64; 2] {
        let dashboard = self.world.dashboard(self.tenant, self.event, "");
        dashboard.await.views()
    }

    /// Asserts the dashboard's views and unique views.
    async fn assert_views(&self, views: u64, unique: u64) {
        assert_eq!(self.views().await, [views, unique]);
    }

    /// Waits for a complete compaction run, shown by the merged rows of a new event.
    async fn until_compaction_has_run(&self) {
        let event = self.world.publish_event(self.tenant, None).await;
        self.view_as(event, 0..8).await;
        self.until_compacted(event).await;
    }

    /// Waits until an event has no key that is due.
    async fn until_compacted(&self, event: Uuid) {
        let due = format!(
            "SELECT COUNT(*) FROM (
                 SELECT FROM analytics_service.event_rollup WHERE event_id = '{event}' AND level = 0
                 GROUP BY tenant_id, day, event_type, source, ticket_type, currency
                 HAVING COUNT(*) >= 8) AS due"
        );
        self.world.until(&due, 0).await;
    }

    /// Rows of the event in the rollup.
    async fn rows(&self) -> i64 {
        let rows = format!(
            "SELECT COUNT(*) FROM analytics_service.event_rollup WHERE event_id = '{}'",
            self.event
        );
        self.world.database.number(&rows).await
    }

    /// The rollup of the event, aggregated by key.
    async fn aggregates(&self) -> String {
        aggregates(&self.world.database, self.event).await
    }

    /// Asserts that rollup and facts agree, and stops everything.
    async fn end(self) {
        tokio::task::block_in_place(|| verify(&self.world));
        self.world.end().await;
    }
}

/// The rollup of an event, aggregated by key: counts, amounts, names, hours and visitors.
async fn aggregates(database: &TestDatabase, event: Uuid) -> String {
    let sql = format!(
        "WITH rollup AS (
             SELECT concat_ws('|', tenant_id, day, event_type, source, ticket_type, currency) AS key, *
             FROM analytics_service.event_rollup WHERE event_id = '{event}'
         ),
         line AS (
             SELECT concat_ws(' ', key, SUM(count), SUM(amount_cents), MAX(ticket_type_name)) AS text
             FROM rollup GROUP BY key
             UNION ALL
             SELECT concat_ws(' ', key, hour || ':00', SUM(COALESCE(facts, 1)))
             FROM rollup, unnest(hours, hour_counts) AS of_row (hour, facts) GROUP BY key, hour
             UNION ALL
             SELECT concat_ws(' ', key, 'visitors', COUNT(DISTINCT visitor),
                              md5(string_agg(DISTINCT visitor::TEXT, ' ')))
             FROM rollup, unnest(visitors) AS visitor GROUP BY key
         )
         SELECT string_agg(text, E'\\n' ORDER BY text) FROM line"
    );
    let row = database.rows(&sql).await.into_iter().next().expect("a row");
    row.try_get_by_index::<Option<String>>(0)
        .expect("a text")
        .unwrap_or_default()
}

/// Waits until a condition is true, for at most 20 seconds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
