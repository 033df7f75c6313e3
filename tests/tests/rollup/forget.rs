//! Forgetting a person changes no distinct count at any time.

use analytics_tests::transaction::OpenTransaction;

use super::Fixture;

/// The person.
const MARA: &str = "browser-of-mara";

/// Distinct visitors of the event in the rollup.
async fn distinct_visitors(fixture: &Fixture) -> i64 {
    let sql = format!(
        "SELECT COUNT(DISTINCT visitor)
         FROM analytics_service.event_rollup, unnest(visitors) AS visitor WHERE event_id = '{}'",
        fixture.event
    );
    fixture.world.database.number(&sql).await
}

/// The number of rollup rows with the person, compacted or not.
async fn rows_of_mara(fixture: &Fixture, is_compacted: bool) -> i64 {
    let sql = format!(
        "SELECT COUNT(*) FROM analytics_service.event_rollup
         WHERE event_id = '{}' AND (level > 0) = {is_compacted}
           AND analytics_service.visitor_hash(tenant_id, 'v:', '{MARA}') = ANY (visitors)",
        fixture.event
    );
    fixture.world.database.number(&sql).await
}

/// An event with 14 visitors; the person is in a compacted row and in appended rows.
async fn compacted_and_appended() -> Fixture {
    let fixture = Fixture::start(None).await;
    fixture.view_as(fixture.event, 0..10).await;
    fixture.view(fixture.event, MARA).await;
    fixture.until_compacted(fixture.event).await;
    fixture.view_as(fixture.event, 10..13).await;
    fixture.view(fixture.event, MARA).await;
    fixture.until_compaction_has_run().await;
    assert_eq!(rows_of_mara(&fixture, true).await, 1);
    assert_eq!(rows_of_mara(&fixture, false).await, 1);
    fixture
}

fn forgotten(fixture: &Fixture) -> tokio::task::JoinHandle<(bool, String)> {
    let tenant = fixture.tenant.to_string();
    let command = ["forget", "--tenant", &tenant, "--visitor", MARA];
    fixture.world.database.spawn_migrate(&command)
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_renames_in_compacted_rows_and_in_appended_ones() {
    let fixture = compacted_and_appended().await;
    fixture.assert_views(15, 14).await;
    let (success, text) = forgotten(&fixture).await.unwrap();
    assert!(success && text.contains("2 facts are unlinked"), "{text}");
    assert_eq!(rows_of_mara(&fixture, true).await, 0);
    assert_eq!(rows_of_mara(&fixture, false).await, 0);
    fixture.assert_views(15, 14).await;
    assert_eq!(distinct_visitors(&fixture).await, 14);
    // Renamed visitors are sorted again, and can be merged.
    fixture.view_as(fixture.event, 0..8).await;
    fixture.until_compacted(fixture.event).await;
    fixture.assert_views(23, 14).await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn distinct_counts_stay_while_a_person_is_forgotten_and_comes_back() {
    let fixture = compacted_and_appended().await;
    let database = &fixture.world.database;
    let no_compaction = OpenTransaction::without_compaction(database).await;
    // Renaming the compacted row waits, in the middle of the statement.
    let mut row = OpenTransaction::begin(database).await;
    let lock = format!(
        "SELECT FROM event_rollup WHERE event_id = '{}' AND level > 0 FOR UPDATE",
        fixture.event
    );
    row.execute(&lock).await;
    let forgetting = forgotten(&fixture);
    database.until_locked_out("unlinked AS").await;
    fixture.assert_views(15, 14).await;
    // The person returns in a batch that is not visible to the statement.
    fixture.view(fixture.event, MARA).await;
    fixture.assert_views(16, 14).await;
    row.commit().await;
    let (success, text) = forgetting.await.unwrap();
    assert!(success && text.contains("2 facts are unlinked"), "{text}");
    assert!(text.contains("1 facts were stored meanwhile"), "{text}");
    // A person who returns is a new visitor.
    fixture.assert_views(16, 15).await;
    assert_eq!(rows_of_mara(&fixture, false).await, 1);
    tokio::task::block_in_place(|| analytics_tests::faulty::verify(&fixture.world));
    let (success, text) = forgotten(&fixture).await.unwrap();
    assert!(success && text.contains("1 facts are unlinked"), "{text}");
    fixture.assert_views(16, 15).await;
    no_compaction.commit().await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_the_person_that_is_open_meanwhile_is_counted() {
    let fixture = compacted_and_appended().await;
    let database = &fixture.world.database;
    let mut batch = OpenTransaction::begin(database).await;
    let view = analytics_tests::transaction::BatchRow::view(fixture.tenant, fixture.event, MARA);
    batch.write_batch(&[view]).await;
    let forgetting = forgotten(&fixture);
    // The batch holds the version row of the day until it commits.
    database.until_locked_out("unlinked AS").await;
    fixture.assert_views(15, 14).await;
    batch.commit().await;
    let (success, text) = forgetting.await.unwrap();
    assert!(
        success && text.contains("1 facts were stored meanwhile"),
        "{text}"
    );
    fixture.assert_views(16, 15).await;
    fixture.end().await;
}
