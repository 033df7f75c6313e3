//! Samples of one snapshot of the database, and of the responses of the read tier.

use std::time::Duration;

use analytics_tests::{transaction::OpenTransaction, world::World};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Tenant;

/// Time between two samples.
const INTERVAL: Duration = Duration::from_millis(100);

/// Figures of an event by day, type, source and currency, in which rollup and facts differ.
const DIFFERENCES: &str = "
    WITH of_rollup AS (
        SELECT day, event_type, source, currency, SUM(count) AS count, SUM(amount_cents) AS amount,
               (SELECT COUNT(DISTINCT visitor)
                FROM event_rollup AS same, unnest(visitors) AS visitor
                WHERE (same.tenant_id, same.event_id, same.day, same.event_type, same.source, same.currency)
                    = (key.tenant_id, key.event_id, key.day, key.event_type, key.source, key.currency)
               ) AS visitors
        FROM event_rollup AS key
        WHERE tenant_id = '{tenant}' AND event_id = '{event}' AND day >= first_complete_day('{zone}')
        GROUP BY tenant_id, event_id, day, event_type, source, currency
    ),
    of_facts AS (
        SELECT (created_at AT TIME ZONE '{zone}')::DATE AS day, event_type,
               COALESCE(properties ->> 'source', 'direct') AS source,
               CASE event_type WHEN 'payment.completed' THEN properties ->> 'currency' ELSE '' END
                   AS currency,
               COUNT(*) AS count,
               SUM(CASE event_type WHEN 'payment.completed'
                                   THEN (properties ->> 'amountCents')::BIGINT ELSE 0 END) AS amount,
               COUNT(DISTINCT properties ->> 'visitorId') AS visitors
        FROM analytics_events
        WHERE tenant_id = '{tenant}' AND event_id = '{event}'
          AND (created_at AT TIME ZONE '{zone}')::DATE >= first_complete_day('{zone}')
        GROUP BY 1, 2, 3, 4
    )
    SELECT (SELECT COUNT(*) FROM
               ((TABLE of_rollup EXCEPT ALL TABLE of_facts)
                UNION ALL (TABLE of_facts EXCEPT ALL TABLE of_rollup)) AS difference)";

/// Distinct visitors of a tenant in the rollup, and the facts that are counted.
const IDLE: &str = "
    SELECT concat_ws(' ',
        (SELECT COUNT(DISTINCT (event_id, event_type, visitor))
         FROM event_rollup, unnest(visitors) AS visitor WHERE tenant_id = '{tenant}'),
        (SELECT COUNT(DISTINCT visitor)
         FROM event_rollup, unnest(visitors) AS visitor WHERE tenant_id = '{tenant}'),
        (SELECT SUM(count) FROM event_rollup WHERE tenant_id = '{tenant}'))";

/// The sampled tenants, with the initial values of the idle one.
pub struct Samples {
    events: Vec<(Uuid, Uuid, &'static str)>,
    idle: Uuid,
    idle_events: [Uuid; 2],
    in_rollup: String,
    answered: Vec<[u64; 2]>,
}

impl Samples {
    /// Records the current values of `idle`.
    pub async fn start(world: &World, busy: &Tenant, idle: &Tenant) -> Self {
        let events = [busy, idle].into_iter().flat_map(|tenant| {
            let zones = ["America/New_York", "UTC"];
            let events = tenant.events.into_iter().zip(zones);
            events.map(|(event, zone)| (tenant.id, event, zone))
        });
        let mut samples = Self {
            events: events.collect(),
            idle: idle.id,
            idle_events: idle.events,
            in_rollup: String::new(),
            answered: Vec::new(),
        };
        let mut snapshot = OpenTransaction::begin_snapshot(&world.database).await;
        samples.in_rollup = samples.idle_in_rollup(&mut snapshot).await;
        snapshot.commit().await;
        samples.answered = samples.answers(world).await;
        samples
    }

    /// Takes samples until `stop`. Returns their number.
    pub async fn take(self, world: &World, stop: &CancellationToken) -> usize {
        let mut samples = 0;
        while !stop.is_cancelled() {
            let mut snapshot = OpenTransaction::begin_snapshot(&world.database).await;
            for (tenant, event, zone) in &self.events {
                let sql = DIFFERENCES
                    .replace("{tenant}", &tenant.to_string())
                    .replace("{event}", &event.to_string())
                    .replace("{zone}", zone);
                let differences: i64 = snapshot.value(&sql).await;
                assert_eq!(differences, 0, "sample {samples}: {sql}");
            }
            let in_rollup = self.idle_in_rollup(&mut snapshot).await;
            assert_eq!(in_rollup, self.in_rollup, "sample {samples}");
            snapshot.commit().await;
            assert_eq!(self.answers(world).await, self.answered, "sample {samples}");
            samples += 1;
            tokio::time::sleep(INTERVAL).await;
        }
        samples
    }

    async fn idle_in_rollup(&self, snapshot: &mut OpenTransaction) -> String {
        let sql = IDLE.replace("{tenant}", &self.idle.to_string());
        snapshot.value(&sql).await
    }

    /// The figures of the idle tenant, from the rollup and from the facts.
    async fn answers(&self, world: &World) -> Vec<[u64; 2]> {
        let mut answers = Vec::new();
        for event in self.idle_events {
            for query in ["", "?timezone=Asia/Tokyo"] {
                let dashboard = world.dashboard(self.idle, event, query).await;
                answers.push(dashboard.views());
            }
        }
        answers
    }
}
