//! Versions of days: every change of a day gives it a new version, except compaction.

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    transaction::{BatchRow, OpenTransaction},
};
use chrono::{Duration, NaiveDate};
use reqwest::header;

use super::{Fixture, time_zone};

/// The versions of the event's days.
async fn versions(fixture: &Fixture) -> Vec<(NaiveDate, String)> {
    let sql = format!(
        "SELECT day, concat_ws(' ', version, changed_at)
         FROM analytics_service.event_day_versions WHERE event_id = '{}' ORDER BY day",
        fixture.event
    );
    let rows = fixture.world.database.rows(&sql).await;
    let of_row = |row: &sea_orm::QueryResult| {
        let day = row.try_get_by_index(0).unwrap();
        (day, row.try_get_by_index(1).unwrap())
    };
    rows.iter().map(of_row).collect()
}

/// Asserts that all days of `before` have new versions.
async fn assert_new(fixture: &Fixture, before: &mut Vec<(NaiveDate, String)>, what: &str) {
    let after = versions(fixture).await;
    assert!(!before.is_empty());
    for version in &*before {
        let is_known = after.iter().any(|(day, _)| *day == version.0);
        assert!(is_known && !after.contains(version), "{what}: {version:?}");
    }
    *before = after;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_day_gives_it_a_new_version() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    let yesterday = clock::now() - Duration::days(1);
    let write = fixture.world.write().of_tenant(tenant);
    let view = async |visitor: &str| {
        fixture.view(event, visitor).await;
        let view = Fact::view(event).at(yesterday).visitor(visitor);
        write.track(&view).await;
    };
    view("one").await;
    let mut known = versions(&fixture).await;
    assert_eq!(known.len(), 2);
    view("two").await;
    assert_new(&fixture, &mut known, "a batch").await;

    let (of_tenant, of_event) = (tenant.to_string(), event.to_string());
    for command in [
        &["rebuild", "--event", &of_event][..],
        &["forget", "--tenant", &of_tenant, "--visitor", "one"],
        &[
            "forget",
            "--tenant",
            &of_tenant,
            "--visitor",
            "two",
            "--delete",
        ],
    ] {
        let (success, text) = database.spawn_migrate(command).await.unwrap();
        assert!(success, "{text}");
        assert_new(&fixture, &mut known, command[0]).await;
    }
    time_zone::change_zone(&fixture.world, tenant, event, "Asia/Tokyo").await;
    let rebuilt = time_zone::zones(event, "Asia/Tokyo", "rollup_timezone IS NOT NULL");
    fixture.world.until(&rebuilt, 1).await;
    assert_new(&fixture, &mut known, "a change of the zone").await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_gives_a_day_no_new_version() {
    let fixture = Fixture::start(None).await;
    let write = fixture.world.write().of_tenant(fixture.tenant);
    let view = Fact::view(fixture.event).id(uuid::Uuid::now_v7());
    write.store(&view).await;
    let known = versions(&fixture).await;
    assert_eq!(write.track(&view).await.status, "duplicate");
    assert_eq!(versions(&fixture).await, known);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_changes_neither_versions_nor_answers() {
    let fixture = Fixture::start(None).await;
    let (tenant, event) = (fixture.tenant, fixture.event);
    let database = &fixture.world.database;
    let no_compaction = OpenTransaction::without_compaction(database).await;
    fixture.view_as(event, 0..20).await;
    let mut batch = OpenTransaction::begin(database).await;
    let rows: Vec<_> = (0..20)
        .map(|number| BatchRow::view(tenant, event, &format!("visitor {number}")))
        .collect();
    batch.write_batch(&rows).await;
    batch.commit().await;
    let read = fixture.world.read().of_tenant(tenant);
    let paths = [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ];
    let answers = async || {
        let mut answers = Vec::new();
        for path in &paths {
            let answer = read.get(path).await;
            let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
            answers.push((tag, answer.text().await.unwrap()));
        }
        answers
    };
    let (known, answered) = (versions(&fixture).await, answers().await);
    let aggregates = fixture.aggregates().await;
    assert_eq!(fixture.rows().await, 21);
    no_compaction.commit().await;
    fixture.until_compacted(event).await;
    assert_eq!(fixture.rows().await, 1);
    assert_eq!(fixture.aggregates().await, aggregates);
    assert_eq!(versions(&fixture).await, known);
    assert_eq!(answers().await, answered);
    // The same from a new process.
    let environment = [("DATABASE_URL", database.query_url.as_str())];
    let name = "analytics-query";
    let mut query = analytics_tests::service::Service::start(name, &environment).await;
    let read = analytics_tests::api::Api::at(&query.url("")).of_tenant(tenant);
    for (path, (tag, text)) in paths.iter().zip(answered) {
        let answer = read.get(path).await;
        assert_eq!(answer.headers()[header::ETAG], tag.as_str(), "{path}");
        assert_eq!(answer.text().await.unwrap(), text, "{path}");
    }
    assert!(query.terminate().await.success());
    fixture.end().await;
}
