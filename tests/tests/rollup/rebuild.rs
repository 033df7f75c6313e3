//! A rebuild and concurrent batches.

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    transaction::{BatchRow, OpenTransaction},
};
use chrono::Duration;
use uuid::Uuid;

use super::Fixture;

/// Locks the rows of an event, so that a transaction that deletes one of them waits.
async fn lock_rows(transaction: &mut OpenTransaction, event: Uuid) {
    let lock = format!("SELECT FROM event_rollup WHERE event_id = '{event}' FOR UPDATE");
    transaction.execute(&lock).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_between_the_halves_of_a_rebuild_is_neither_lost_nor_counted_twice() {
    let fixture = Fixture::start(None).await;
    let database = &fixture.world.database;
    fixture.view_as(fixture.event, 0..5).await;
    let no_compaction = OpenTransaction::without_compaction(database).await;
    let mut rows = OpenTransaction::begin(database).await;
    lock_rows(&mut rows, fixture.event).await;

    let event = fixture.event.to_string();
    let rebuild = database.spawn_migrate(&["rebuild", "--event", &event]);
    // The deleting half has started and waits for the rows.
    database.until_locked_out("rebuild_event").await;
    fixture.view(fixture.event, "between the halves").await;
    fixture.assert_views(6, 6).await;
    rows.commit().await;
    let (success, text) = rebuild.await.unwrap();
    assert!(success, "{text}");

    fixture.assert_views(6, 6).await;
    assert_eq!(fixture.rows().await, 2, "the recount and the batch");
    no_compaction.commit().await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_open_while_a_rebuild_recounts_is_counted_once() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    fixture.view_as(event, 0..5).await;
    let mut batch = OpenTransaction::begin(database).await;
    let view = BatchRow::view(tenant, event, "in the open batch");
    batch.write_batch(&[view]).await;

    let mut rebuild = OpenTransaction::with_event_lock(database, event).await;
    let rebuilding = tokio::spawn(async move {
        let rebuild_days = format!("SELECT rebuild_days('{tenant}', '{event}', 'UTC')");
        rebuild.execute(&rebuild_days).await;
        rebuild.commit().await;
    });
    // Both halves are done; the rebuild waits for the version row of the day, which the batch has written.
    database.until_locked_out("rebuild_days").await;
    fixture.assert_views(5, 5).await;
    batch.commit().await;
    rebuilding.await.unwrap();
    fixture.assert_views(6, 6).await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_waits_for_an_open_batch_and_recounts_it() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    fixture.view_as(event, 0..5).await;
    let mut batch = OpenTransaction::begin(database).await;
    let view = BatchRow::view(tenant, event, "in the open batch");
    batch.write_batch(&[view]).await;
    let rebuild = database.spawn_migrate(&["rebuild", "--event", &event.to_string()]);
    database.until_rebuild_waits_for_writers().await;
    assert!(!rebuild.is_finished());
    batch.commit().await;
    assert!(rebuild.await.unwrap().0);
    fixture.assert_views(6, 6).await;
    assert_eq!(fixture.rows().await, 1, "the recount has all");
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_waits_for_the_commit_of_a_rebuild_is_counted_once() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    fixture.view_as(event, 0..5).await;
    let mut rebuild = OpenTransaction::with_event_lock(database, event).await;
    let rebuild_days = format!("SELECT rebuild_days('{tenant}', '{event}', 'UTC')");
    rebuild.execute(&rebuild_days).await;

    let view = Fact::view(event).visitor("waiting");
    let write = fixture.world.write().of_tenant(tenant);
    let committing = async {
        database.until_locked_out("Inserts a batch of facts").await;
        fixture.assert_views(5, 5).await;
        rebuild.commit().await;
    };
    // Stored, or queued if the commit takes too long.
    tokio::join!(write.track(&view), committing);
    fixture.world.until_stored(6).await;
    fixture.assert_views(6, 6).await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilds_of_the_same_event_run_one_after_the_other() {
    let fixture = Fixture::start(None).await;
    let event = fixture.event.to_string();
    let database = &fixture.world.database;
    fixture.view_as(fixture.event, 0..5).await;
    let lock = OpenTransaction::with_event_lock(database, fixture.event).await;
    let rebuilds = [(); 3].map(|()| database.spawn_migrate(&["rebuild", "--event", &event]));
    database.until_locked_out("pg_advisory_xact_lock").await;
    fixture.view(fixture.event, "meanwhile").await;
    lock.commit().await;
    for rebuild in rebuilds {
        let (success, text) = rebuild.await.unwrap();
        assert!(success, "{text}");
    }
    fixture.assert_views(6, 6).await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilds_beside_the_first_fact_of_each_week_lose_none() {
    const WEEKS: i64 = 50;
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    let rebuilding = async {
        let rebuild_days = format!("SELECT rebuild_days('{tenant}', '{event}', 'UTC')");
        loop {
            let mut rebuild = OpenTransaction::with_event_lock(database, event).await;
            rebuild.execute(&rebuild_days).await;
            rebuild.commit().await;
        }
    };
    // The first fact of a week creates a chunk of the hypertable.
    let write = fixture.world.write().of_service(tenant);
    let storing = async {
        for week in 1..=WEEKS {
            let at = clock::now() - Duration::weeks(week);
            let view = Fact::view(event).id(Uuid::new_v4()).at(at);
            write.store(&view).await;
        }
    };
    tokio::select! {
        () = rebuilding => {}
        () = storing => {}
    }
    fixture.end().await;
}
