//! The cost of storing a fact does not grow with the number of stored facts.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use serde_json::json;
use uuid::Uuid;

const LOOKUPS: &str = "SELECT COALESCE(SUM(idx_scan), 0)::BIGINT FROM pg_stat_user_tables
    WHERE relname = 'lifecycle_ledger'";
/// Rows of growing tables that were read without an index.
const READ_WHOLE: &str = "SELECT SUM(seq_tup_read)::BIGINT FROM pg_stat_user_tables
    WHERE relname IN ('lifecycle_ledger', 'event_rollup', 'event_day_versions')";

#[tokio::test]
async fn whoever_stores_a_fact_looks_up_keys_and_reads_no_table_whole() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for facts in 0..50 {
        if facts == 1 {
            // Statistics of nearly empty tables, which a planner would scan.
            let analyze =
                "ANALYZE analytics_service.lifecycle_ledger, analytics_service.event_rollup";
            world.until_stored(3).await;
            world.database.rows(analyze).await;
        }
        let (registration, now) = (Uuid::now_v7(), clock::now());
        let view = Fact::view(event).visitor(Uuid::now_v7());
        world.write().store(&view).await;
        let created = json!({"registrationId": registration, "eventId": event,
                             "tenantId": tenant, "userId": Uuid::now_v7(), "occurredAt": now});
        world.broker.publish("registration.created", &created).await;
        let payment = json!({"paymentId": Uuid::now_v7(), "registrationId": registration,
                             "amountCents": 100, "currency": "EUR", "occurredAt": now});
        world.broker.publish("payment.completed", &payment).await;
    }
    world.until_stored(150).await;
    // Backends report their statistics when they are idle.
    world
        .until(&format!("SELECT (({LOOKUPS}) >= 150)::INT::BIGINT"), 1)
        .await;
    // Maintenance reads some at its start; a look-up without an index for each fact would read thousands.
    let read = world.database.number(READ_WHOLE).await;
    assert!(read < 500, "{read} rows");
    world.end().await;
}
