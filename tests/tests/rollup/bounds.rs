//! Compaction bounds the number of rows of a key, and changes no figure.

use std::time::{Duration, Instant};

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    transaction::{BatchRow, OpenTransaction},
};

use super::{Fixture, aggregates};

/// Hot keys.
const SOURCES: [&str; 3] = ["newsletter", "search", "direct"];

/// Sends views of a few keys from several concurrent clients. Returns their number.
async fn load(fixture: &Fixture, lasting: Duration) -> u64 {
    let end = Instant::now() + lasting;
    let clients = (0..12).map(|client| async move {
        let write = fixture.world.write().of_tenant(fixture.tenant);
        let mut sent = 0;
        while Instant::now() < end {
            let view = Fact::view(fixture.event)
                .visitor(format!("visitor {client} {}", sent / 2))
                .source(SOURCES[(client + sent) % 3]);
            write.store(&view).await;
            sent += 1;
        }
        sent
    });
    let sent = futures_util::future::join_all(clients).await;
    sent.into_iter().sum::<usize>() as u64
}

/// Keys that have more rows than the bound: fewer than 8 appended ones, and a compacted one for each
/// power of two of its visitors.
async fn keys_beyond_bound(fixture: &Fixture) -> i64 {
    let sql = format!(
        "SELECT COUNT(*) FROM (
             SELECT FROM analytics_service.event_rollup
             WHERE event_id = '{}'
             GROUP BY tenant_id, day, event_type, source, ticket_type, currency
             HAVING COUNT(*) FILTER (WHERE level = 0) >= 8
                 OR COUNT(*) FILTER (WHERE level = 1)
                    > 1 + LOG(2, GREATEST(1, SUM(CARDINALITY(visitors))))) AS keys",
        fixture.event
    );
    fixture.world.database.number(&sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_few_rows_under_sustained_load() {
    let fixture = Fixture::start(None).await;
    let facts = load(&fixture, Duration::from_secs(6)).await;
    assert!(facts > 100, "{facts} facts");
    fixture.until_compacted(fixture.event).await;
    assert_eq!(keys_beyond_bound(&fixture).await, 0);
    let dashboard = fixture.world.dashboard(fixture.tenant, fixture.event, "");
    assert_eq!(dashboard.await.total_views, facts);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_few_rows_after_compaction_was_stopped() {
    let fixture = Fixture::start(None).await;
    let database = &fixture.world.database;
    for round in 1..=3 {
        let stopped = OpenTransaction::without_compaction(database).await;
        let deadline = Instant::now() + Duration::from_secs(30);
        while keys_beyond_bound(&fixture).await == 0 {
            assert!(Instant::now() < deadline, "few rows without compaction");
            load(&fixture, Duration::from_secs(2)).await;
        }
        let before = fixture.aggregates().await;
        stopped.commit().await;
        fixture.until_compacted(fixture.event).await;
        assert_eq!(keys_beyond_bound(&fixture).await, 0, "round {round}");
        assert_eq!(fixture.aggregates().await, before, "round {round}");
    }
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_of_a_key_may_have_more_facts_than_a_small_integer_holds() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    let stopped = OpenTransaction::without_compaction(database).await;
    let hour = (clock::now() - chrono::Duration::days(1)).date_naive();
    let hour = hour.and_hms_opt(10, 0, 0).unwrap().and_utc();
    let mut writer = OpenTransaction::begin(database).await;
    for batch in 0..20 {
        let rows = (0..2_000).map(|number| {
            let at = hour + chrono::Duration::milliseconds(batch * 2_000 + number);
            BatchRow::view(tenant, event, &format!("visitor {}", number % 500)).at(at)
        });
        writer.write_batch(&rows.collect::<Vec<_>>()).await;
    }
    writer.commit().await;
    let before = fixture.aggregates().await;
    assert!(before.contains("10:00 40000"), "{before}");
    stopped.commit().await;
    fixture.until_compacted(event).await;
    assert_eq!(fixture.rows().await, 1);
    assert_eq!(aggregates(database, event).await, before);
    fixture.assert_views(40_000, 500).await;
    fixture.end().await;
}

/// Appends eight rows to each of many keys, more than several transactions of the compaction merge.
async fn append_backlog(fixture: &Fixture) {
    let mut backlog = OpenTransaction::without_compaction(&fixture.world.database).await;
    let rows = format!(
        "INSERT INTO event_rollup
             (tenant_id, event_id, day, event_type, source, ticket_type, currency, count, amount_cents,
              hours, appended_at)
         SELECT '{}', event_id, CURRENT_DATE, 'page.view', source, '', '', 1, 0, '{{0}}',
                NOW() - INTERVAL '1 minute'
         FROM (SELECT gen_random_uuid() AS event_id FROM generate_series(1, 12) OFFSET 0) AS event,
              generate_series(1, 1000) AS source, generate_series(1, 8)",
        fixture.tenant
    );
    backlog.execute(&rows).await;
    // After a run without the lock, the next one must find rows of any age.
    tokio::time::sleep(Duration::from_secs(3)).await;
    backlog.commit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compaction_that_is_interrupted_in_the_middle_is_resumed() {
    let fixture = Fixture::start(None).await;
    let database = &fixture.world.database;
    append_backlog(&fixture).await;
    let left = "SELECT COUNT(*) FROM analytics_service.event_rollup WHERE level = 0";
    let all = database.number(left).await;
    super::until("the compaction begins", async || {
        database.number(left).await < all
    })
    .await;
    // Another replica compacts between two transactions of this one.
    let other = OpenTransaction::without_compaction(database).await;
    assert!(database.number(left).await > 0, "it has ended");
    tokio::time::sleep(Duration::from_millis(300)).await;
    other.commit().await;
    fixture.world.until(left, 0).await;
    fixture.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_locked_for_long_is_compacted_afterwards() {
    let fixture = Fixture::start(None).await;
    let lock = OpenTransaction::with_event_lock(&fixture.world.database, fixture.event).await;
    fixture.view_as(fixture.event, 0..20).await;
    // Longer than the time for which rows count as just appended.
    tokio::time::sleep(Duration::from_secs(13)).await;
    fixture.until_compaction_has_run().await;
    assert_eq!(fixture.rows().await, 20);
    lock.commit().await;
    fixture.until_compacted(fixture.event).await;
    assert_eq!(fixture.rows().await, 1);
    fixture.end().await;
}
