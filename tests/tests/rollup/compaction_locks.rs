//! Compaction and other changes of an event's rows: compaction skips events that another transaction has locked,
//! and other transactions wait for events that it has locked.

use analytics_shared::clock;
use analytics_tests::transaction::{BatchRow, OpenTransaction};
use chrono::Duration;

use super::Fixture;

/// Commands that change rows of an event.
fn commands(fixture: &Fixture) -> [Vec<String>; 3] {
    let (event, tenant) = (fixture.event.to_string(), fixture.tenant.to_string());
    let forget = |visitor: &str, more: &[&str]| {
        let person = ["forget", "--tenant", &tenant, "--visitor", visitor];
        let words = person.iter().chain(more);
        words.map(|word| (*word).to_owned()).collect()
    };
    [
        vec!["rebuild".to_owned(), "--event".to_owned(), event],
        forget("visitor 0", &[]),
        forget("visitor 1", &["--delete"]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_skips_an_event_that_is_locked_and_everything_else_waits() {
    let fixture = Fixture::start(None).await;
    let database = &fixture.world.database;
    let lock = OpenTransaction::with_event_lock(database, fixture.event).await;
    fixture.view_as(fixture.event, 0..20).await;
    fixture.until_compaction_has_run().await;
    assert_eq!(fixture.rows().await, 20, "nothing is merged");

    let started = commands(&fixture).map(|command| {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        database.spawn_migrate(&command)
    });
    fixture.world.until(WAITING, 3).await;
    fixture.assert_views(20, 20).await;
    assert!(started.iter().all(|command| !command.is_finished()));
    lock.commit().await;
    for command in started {
        let (success, text) = command.await.unwrap();
        assert!(success, "{text}");
    }
    // One fact is deleted with its visitor; the unlinked one is still counted.
    fixture.assert_views(19, 19).await;
    fixture.view_as(fixture.event, 20..30).await;
    fixture.until_compacted(fixture.event).await;
    fixture.assert_views(29, 29).await;
    fixture.end().await;
}

/// The sessions that wait for the lock of an event, or for transactions that write to the rollup.
const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active'
      AND (wait_event = 'advisory' AND query LIKE '%rollup_lock_key%'
           OR wait_event = 'PgSleep' AND query LIKE '%wait_for_rollup_writers%')";

#[tokio::test(flavor = "multi_thread")]
async fn rebuild_and_forget_wait_for_a_compaction_and_the_total_stays() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    for command in commands(&fixture) {
        // No other compaction runs.
        let no_compaction = OpenTransaction::without_compaction(database).await;
        fixture.view_as(event, 0..20).await;
        let before = fixture.views().await;
        let mut compaction = OpenTransaction::with_event_lock(database, event).await;
        let today = [clock::now().date_naive()];
        let merged = compaction.compact(tenant, event, &today, false).await;
        assert!(merged >= 20, "{merged}");

        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let waiting = database.spawn_migrate(&words);
        fixture.world.until(WAITING, 1).await;
        // Batches are not blocked.
        fixture.view(event, "meanwhile").await;
        compaction.commit().await;
        let (success, text) = waiting.await.unwrap();
        assert!(success, "{text}");
        no_compaction.commit().await;

        let [views, _] = fixture.views().await;
        let expected = before[0] + 1;
        let deleted = if words.contains(&"--delete") { 3 } else { 0 };
        assert_eq!(views, expected - deleted, "{words:?}");
    }
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_and_compaction_of_an_expired_day_leave_no_row() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    fixture.view_as(event, 0..3).await;
    let old = clock::now() - Duration::days(370);
    let mut batches = OpenTransaction::without_compaction(database).await;
    for number in 0..20 {
        let view = BatchRow::view(tenant, event, &format!("visitor {number}"));
        batches.write_batch(&[view.at(old)]).await;
    }
    batches.commit().await;

    // Retention while another transaction has locked the event.
    let lock = OpenTransaction::with_event_lock(database, event).await;
    let retention = database.spawn_migrate(&["retention"]);
    database.until_locked_out("expire_rollup").await;
    lock.commit().await;
    assert!(retention.await.unwrap().0);
    assert_eq!(fixture.rows().await, 3);

    // Retention during a compaction of the day.
    let mut batches = OpenTransaction::without_compaction(database).await;
    for number in 0..20 {
        let view = BatchRow::view(tenant, event, &format!("visitor {number}"));
        batches.write_batch(&[view.at(old)]).await;
    }
    let mut compaction = OpenTransaction::with_event_lock(database, event).await;
    batches.commit().await;
    let days = [old.date_naive()];
    compaction.compact(tenant, event, &days, true).await;
    let retention = database.spawn_migrate(&["retention"]);
    database.until_locked_out("expire_rollup").await;
    compaction.commit().await;
    let (success, text) = retention.await.unwrap();
    assert!(success, "{text}");
    assert_eq!(fixture.rows().await, 3);
    fixture.assert_views(3, 3).await;
    fixture.end().await;
}
