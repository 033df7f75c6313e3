//! A time zone change of an event delays no fact, whatever delays the rebuild.

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    transaction::{BatchRow, OpenTransaction},
};
use chrono::Duration;
use uuid::Uuid;

use super::{
    Fixture,
    time_zone::{change_zone, zones},
};

const TOKYO: &str = "Asia/Tokyo";
/// The number of facts before the change.
const FACTS: i64 = 20_000;

/// A fixture whose event has many facts in the last days.
async fn with_many_facts() -> Fixture {
    let fixture = Fixture::start(Some("Europe/London")).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let mut writer = OpenTransaction::begin(&fixture.world.database).await;
    let newest = clock::now() - Duration::days(1);
    for batch in 0..FACTS / 2_000 {
        let rows = (0..2_000).map(|number| {
            let visitor = format!("visitor {}", batch * 700 + number);
            let at = newest - Duration::minutes((batch * 2_000 + number) % 15_000);
            BatchRow::view(tenant, event, &visitor).at(at)
        });
        writer.write_batch(&rows.collect::<Vec<_>>()).await;
    }
    writer.commit().await;
    fixture
}

/// Asserts that facts of the event and of another are stored while the rebuild is pending.
async fn assert_no_delay(fixture: &Fixture, other: Uuid) {
    let (world, tenant) = (&fixture.world, fixture.tenant);
    let pending = zones(fixture.event, TOKYO, "rollup_timezone IS NULL");
    let views = async || {
        let dashboard = world.dashboard(tenant, fixture.event, "").await;
        dashboard.total_views
    };
    for _ in 0..10 {
        let before = views().await;
        fixture.view(fixture.event, "meanwhile").await;
        fixture.view(other, "meanwhile").await;
        let old = Fact::view(fixture.event).at(clock::now() - Duration::days(2));
        world.write().of_tenant(tenant).store(&old).await;
        assert_eq!(views().await, before + 2);
        assert_eq!(world.database.number(&pending).await, 1);
    }
}

/// Waits until the event is rebuilt, and stops everything.
async fn end(fixture: Fixture) {
    let rebuilt = zones(fixture.event, TOKYO, "rollup_timezone = timezone");
    fixture.world.until(&rebuilt, 1).await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_stored_while_a_rebuild_waits_for_the_lock_of_its_event() {
    let fixture = with_many_facts().await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let other = fixture.world.publish_event(tenant, None).await;
    let lock = OpenTransaction::with_event_lock(&fixture.world.database, event).await;
    change_zone(&fixture.world, tenant, event, TOKYO).await;
    let database = &fixture.world.database;
    database.until_locked_out("pg_advisory_xact_lock").await;
    assert_no_delay(&fixture, other).await;
    lock.commit().await;
    end(fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_stored_while_a_rebuild_waits_for_an_open_batch() {
    let fixture = with_many_facts().await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let other = fixture.world.publish_event(tenant, None).await;
    let mut batch = OpenTransaction::begin(&fixture.world.database).await;
    // On a day to which no other transaction writes.
    let at = clock::now() - Duration::days(9);
    let view = BatchRow::view(tenant, event, "in the open batch").at(at);
    batch.write_batch(&[view]).await;
    change_zone(&fixture.world, tenant, event, TOKYO).await;
    let database = &fixture.world.database;
    database.until_rebuild_waits_for_writers().await;
    assert_no_delay(&fixture, other).await;
    batch.commit().await;
    end(fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_stored_while_a_rebuild_recounts() {
    let fixture = with_many_facts().await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let other = fixture.world.publish_event(tenant, None).await;
    let database = &fixture.world.database;
    let no_compaction = OpenTransaction::without_compaction(database).await;
    // The rebuild is blocked in the middle of its statement, by a row that it deletes.
    let mut row = OpenTransaction::begin(database).await;
    let lock = format!(
        "SELECT FROM event_rollup WHERE event_id = '{event}' ORDER BY day DESC LIMIT 1 FOR UPDATE"
    );
    row.execute(&lock).await;
    change_zone(&fixture.world, tenant, event, TOKYO).await;
    database.until_locked_out("rebuild_event").await;
    assert_no_delay(&fixture, other).await;
    row.commit().await;
    no_compaction.commit().await;
    end(fixture).await;
}
