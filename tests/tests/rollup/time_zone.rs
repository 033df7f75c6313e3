//! A time zone change of an event is fenced: a batch that started before it, and counts in the old zone, is
//! rebuilt in the new one.

use analytics_shared::clock;
use analytics_tests::{
    faulty::verify,
    transaction::{BatchRow, OpenTransaction},
    world::{World, start_ingest},
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Asia::Tokyo;
use serde_json::json;
use uuid::Uuid;

use super::Fixture;

/// The new zone, in which a day starts nine hours earlier than in UTC.
const TOKYO: &str = "Asia/Tokyo";

/// Three days ago at 20:00 UTC, which is the next day in Tokyo.
fn evening() -> DateTime<Utc> {
    let day = clock::now().date_naive() - Duration::days(3);
    day.and_hms_opt(20, 0, 0).unwrap().and_utc()
}

/// The day in Tokyo.
fn in_tokyo(time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&Tokyo).date_naive()
}

/// Registers the event in another zone, and waits until it is stored.
pub async fn change_zone(world: &World, tenant: Uuid, event: Uuid, zone: &str) {
    let now = clock::now();
    let body = json!({"eventId": event, "tenantId": tenant, "title": "T", "slug": "t",
                      "publishedAt": now, "occurredAt": now, "timezone": zone});
    world.broker.publish("event.published", &body).await;
    world.until(&zones(event, zone, "TRUE"), 1).await;
}

/// The statement that counts the event if it is registered in `zone` and meets a condition.
pub fn zones(event: Uuid, zone: &str, condition: &str) -> String {
    format!(
        "SELECT COUNT(*) FROM analytics_service.tracked_events
         WHERE event_id = '{event}' AND timezone = '{zone}' AND {condition}"
    )
}

/// The days with views, from the dashboard.
async fn days(fixture: &Fixture) -> Vec<(NaiveDate, u64)> {
    let (tenant, event) = (fixture.tenant, fixture.event);
    let dashboard = fixture.world.dashboard(tenant, event, "").await;
    let days = dashboard.by_day.iter().map(|day| (day.date, day.views));
    days.filter(|(_, views)| *views > 0).collect()
}

/// Changes the zone during an open batch that counts in the old one.
async fn change_beside_open_batch(fixture: &Fixture) -> OpenTransaction {
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    let mut stored = OpenTransaction::begin(database).await;
    let view = BatchRow::view(tenant, event, "before").at(evening());
    stored.write_batch(&[view]).await;
    stored.commit().await;
    assert_eq!(days(fixture).await, [(evening().date_naive(), 1)]);

    let mut batch = OpenTransaction::begin(database).await;
    let view = BatchRow::view(tenant, event, "in the open batch").at(evening());
    batch.write_batch(&[view]).await;
    change_zone(&fixture.world, tenant, event, TOKYO).await;
    batch
}

/// Asserts that the rebuild is pending, and that responses are in the new zone.
async fn assert_pending(fixture: &Fixture, expected: &[(NaiveDate, u64)]) {
    let pending = zones(fixture.event, TOKYO, "rollup_timezone IS NULL");
    for _ in 0..20 {
        assert_eq!(fixture.world.database.number(&pending).await, 1);
        assert_eq!(days(fixture).await, expected);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Commits the batch, and asserts that everything is then counted in the new zone.
async fn commit_and_assert_rebuilt(
    fixture: &Fixture,
    batch: OpenTransaction,
    expected: &[(NaiveDate, u64)],
) {
    batch.commit().await;
    let rebuilt = zones(
        fixture.event,
        TOKYO,
        &format!("rollup_timezone = '{TOKYO}'"),
    );
    fixture.world.until(&rebuilt, 1).await;
    assert_eq!(days(fixture).await, expected);
    tokio::task::block_in_place(|| verify(&fixture.world));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_in_the_old_zone_that_commits_after_the_change_is_counted_in_the_new_one() {
    let fixture = Fixture::start(Some("Europe/London")).await;
    let database = &fixture.world.database;
    let batch = change_beside_open_batch(&fixture).await;
    database.until_rebuild_waits_for_writers().await;
    assert_pending(&fixture, &[(in_tokyo(evening()), 1)]).await;
    // A batch that starts now counts in the new zone.
    fixture.view(fixture.event, "after the change").await;
    let today = (in_tokyo(clock::now()), 1);
    assert_pending(&fixture, &[(in_tokyo(evening()), 1), today]).await;
    commit_and_assert_rebuilt(&fixture, batch, &[(in_tokyo(evening()), 2), today]).await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_after_a_crash_resumes_the_change() {
    let mut fixture = Fixture::start(Some("Europe/London")).await;
    let batch = change_beside_open_batch(&fixture).await;
    let database = &fixture.world.database;
    database.until_rebuild_waits_for_writers().await;
    fixture.world.ingest.kill().await;
    let before = [(in_tokyo(evening()), 1)];
    assert_pending(&fixture, &before).await;
    let World {
        database, broker, ..
    } = &fixture.world;
    fixture.world.ingest = start_ingest(&database.ingest_url, &broker.url, broker).await;
    fixture.view(fixture.event, "after the crash").await;
    let today = (in_tokyo(clock::now()), 1);
    assert_pending(&fixture, &[before[0], today]).await;
    commit_and_assert_rebuilt(&fixture, batch, &[(in_tokyo(evening()), 2), today]).await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_changes_and_changes_back_while_the_rebuild_waits_is_fenced_again() {
    let fixture = Fixture::start(Some("Europe/London")).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    let batch = change_beside_open_batch(&fixture).await;
    database.until_rebuild_waits_for_writers().await;
    change_zone(&fixture.world, tenant, event, "America/New_York").await;
    let mut in_new_york = OpenTransaction::begin(database).await;
    // On another day, whose version the first batch has not written.
    let at = evening() - Duration::days(1);
    let view = BatchRow::view(tenant, event, "in New York").at(at);
    in_new_york.write_batch(&[view]).await;
    change_zone(&fixture.world, tenant, event, TOKYO).await;
    batch.commit().await;
    // The rebuild that waited for the first batch does not wait for the second.
    assert_pending(&fixture, &[(in_tokyo(evening()), 2)]).await;
    let expected = [(in_tokyo(at), 1), (in_tokyo(evening()), 2)];
    commit_and_assert_rebuilt(&fixture, in_new_york, &expected).await;
    fixture.end().await;
}
