//! Past days are sealed to one row per key.

use analytics_shared::clock;
use analytics_tests::{
    database::TestDatabase,
    service::Service,
    stack::Stack,
    transaction::{BatchRow, OpenTransaction},
};
use chrono::Duration;
use serde_json::json;
use uuid::Uuid;

use super::{aggregates, until};

/// The number of days with facts.
const DAYS: i64 = 5;

/// Facts on each of the last days, each in its own batch.
async fn write(database: &TestDatabase, tenant: Uuid, event: Uuid, batches: i64) {
    let mut writer = OpenTransaction::begin(database).await;
    for days_ago in 0..DAYS {
        let at = clock::now() - Duration::days(days_ago);
        for batch in 0..batches {
            let view = BatchRow::view(tenant, event, &format!("visitor {batch}")).at(at);
            let payment = BatchRow {
                event_type: "payment.completed",
                properties: json!({"amountCents": 100 + batch, "currency": "EUR",
                    "ticketTypeId": "vip", "ticketTypeName": format!("VIP {batch}")}),
                ..view.clone()
            };
            writer.write_batch(&[view]).await;
            writer.write_batch(&[payment]).await;
        }
    }
    writer.commit().await;
}

/// Sets the append time of all unsealed rows to two hours ago.
async fn age(database: &TestDatabase) {
    let mut aging = OpenTransaction::begin(database).await;
    let age = "UPDATE event_rollup SET appended_at = NOW() - INTERVAL '2 hours' WHERE level < 2";
    aging.execute(age).await;
    aging.commit().await;
}

/// The rows of days that ended more than an hour ago in every zone.
fn ended(condition: &str) -> String {
    format!(
        "SELECT COUNT(*) FROM analytics_service.event_rollup
         WHERE day < (NOW() - INTERVAL '13 hours')::DATE AND {condition}"
    )
}

/// Waits until past days are sealed. Keys with many appended rows are compacted first, and sealed when the
/// compacted rows are an hour old.
async fn seal(database: &TestDatabase) {
    for _ in 0..2 {
        age(database).await;
        let environment = [("DATABASE_URL", database.ingest_url.as_str())];
        let mut ingest = Service::start("analytics-ingest", &environment).await;
        let old = ended("level < 2 AND appended_at < NOW() - INTERVAL '1 hour'");
        until("old rows are merged", async || {
            database.number(&old).await == 0
        })
        .await;
        assert!(ingest.terminate().await.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_over_has_one_sealed_row_for_each_key_and_late_rows_join_it() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    // Fewer rows than the number at which a key is due, and many.
    for batches in [3, 1, 12] {
        write(&database, tenant, event, batches).await;
        let before = aggregates(&database, event).await;
        seal(&database).await;
        let days = database.number(&ended("event_type = 'page.view'")).await;
        assert!(days >= DAYS - 2, "{days} days");
        assert_eq!(database.number(&ended("level = 2")).await, 2 * days);
        assert_eq!(aggregates(&database, event).await, before);
    }
    let verified = tokio::task::block_in_place(|| database.migrate(&["verify"]));
    assert!(verified.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_appended_lately_are_not_sealed() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    write(&database, tenant, event, 3).await;
    age(&database).await;
    // A replay of an old day is in progress.
    let late = Uuid::now_v7();
    write(&database, tenant, late, 3).await;
    let environment = [("DATABASE_URL", database.ingest_url.as_str())];
    let mut ingest = Service::start("analytics-ingest", &environment).await;
    until("days are sealed", async || {
        let left = format!("level < 2 AND event_id = '{event}'");
        database.number(&ended(&left)).await == 0
    })
    .await;
    let sealed = format!("level = 2 AND event_id = '{late}'");
    assert_eq!(database.number(&ended(&sealed)).await, 0);
    assert!(ingest.terminate().await.success());
}
