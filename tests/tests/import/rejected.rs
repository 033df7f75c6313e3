//! Exactly the invalid rows are rejected, with line and field, and can be corrected and imported.

use std::os::unix::fs::PermissionsExt;

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{FACTS, Folder, ndjson};

/// Line and field of each rejected row.
fn places(rejected: &[Value]) -> Vec<(u64, &str)> {
    let place = |row: &'_ Value| row["line"].as_u64().unwrap();
    rejected
        .iter()
        .map(|row| (place(row), row["field"].as_str().unwrap_or_default()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_bad_rows_are_rejected_and_can_be_corrected_and_imported() {
    let (world, folder) = (World::start().await, Folder::new());
    let (ours, theirs) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(ours, None).await;
    let foreign = world.publish_event(theirs, None).await;
    let view = |fields: Value| {
        let mut view = Fact::view(event).id(Uuid::now_v7());
        view.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        view
    };
    let too_long = format!(r#"{{"eventType": "{}"}}"#, "x".repeat(2 << 20));
    let old = clock::now() - Duration::days(400);
    let ahead = clock::now() + Duration::hours(1);
    let rows = [
        view(json!({})).to_string(),
        view(json!({"createdAt": old})).to_string(),
        view(json!({"createdAt": ahead})).to_string(),
        view(json!({"surprise": 1})).to_string(),
        r#"{"eventType": "page.view", "#.to_owned(),
        String::new(),
        view(json!({"eventId": null})).to_string(),
        view(json!({"eventId": foreign, "tenantId": ours})).to_string(),
        view(json!({"eventId": Uuid::now_v7()})).to_string(),
        view(json!({"id": null})).to_string(),
        view(json!({"properties": {"source": 5}})).to_string(),
        too_long,
        view(json!({"properties": {"robot": true, "email": "a@b.c"}})).to_string(),
        view(json!({"eventId": foreign, "tenantId": theirs})).to_string(),
        "\u{1}\u{2}".to_owned(),
    ];
    folder.write("facts.ndjson", rows.join("\n"));
    let ended = folder.import(&world, &["facts.ndjson"]).await;
    assert_eq!(ended.status.code(), Some(3), "{}", ended.logged);
    assert_eq!(ended.outcome(), [14, 2, 0, 1, 11]);
    assert!(!ended.logged.contains("surprise"), "{}", ended.logged);

    let mut rejected = folder.lines("facts.rejected.ndjson");
    rejected.sort_by_key(|row| row["line"].as_u64());
    let expected = [
        (2, "createdAt"),
        (3, "createdAt"),
        (4, "surprise"),
        (5, "body"),
        (7, "eventId"),
        (8, "tenantId"),
        (9, "tenantId"),
        (10, "createdAt"),
        (11, "properties.source"),
        (12, "body"),
        (15, "body"),
    ];
    assert_eq!(places(&rejected), expected);
    let mode = folder
        .path("facts.rejected.ndjson")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(rejected[2]["row"]["surprise"], 1);
    assert_eq!(rejected[3]["row"], rows[4].trim());
    assert_eq!(rejected[9]["row"], Value::Null);

    // Corrected in place: text rows are replaced by text, JSON rows are changed.
    let now = clock::now();
    for row in &mut rejected {
        let line = row["line"].as_u64().unwrap();
        let fact = &mut row["row"];
        match line {
            2 | 3 | 10 => fact["createdAt"] = json!(now),
            4 => drop(fact.as_object_mut().unwrap().remove("surprise")),
            5 => *fact = view(json!({})).to_string().into(),
            7 => fact["eventId"] = json!(event),
            8 => fact["tenantId"] = json!(theirs),
            9 => fact["tenantId"] = json!(ours),
            11 => fact["properties"]["source"] = "ad".into(),
            _ => {}
        }
    }
    folder.write("corrected.ndjson", ndjson(&rejected));
    let ended = folder.import(&world, &["corrected.ndjson"]).await;
    assert_eq!(ended.outcome(), [11, 9, 0, 0, 2]);
    assert_eq!(world.database.number(FACTS).await, 12);
    assert_eq!(world.dashboard(ours, event, "").await.total_views, 8);
    assert_eq!(world.dashboard(theirs, foreign, "").await.total_views, 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_rows_of_csv_are_facts_that_can_be_corrected() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let now = clock::now();
    let csv = format!(
        "eventType,eventId,createdAt,robot,properties.seat\n\
         page.view,{event},{now:?},,1\n\
         page.view,{event},{now:?},perhaps,2\n\
         page.view,{event},yesterday,,3\n\
         page.view,\"{event}\"\n\
         page.view,{event},{now:?},true,5\n"
    );
    folder.write("facts.csv", csv);
    let ended = folder.import(&world, &["facts.csv"]).await;
    assert_eq!(ended.status.code(), Some(3), "{}", ended.logged);
    assert_eq!(ended.outcome(), [5, 1, 0, 1, 3]);
    let mut rejected = folder.lines("facts.rejected.ndjson");
    let expected = [(3, "properties.robot"), (4, "createdAt"), (5, "body")];
    assert_eq!(places(&rejected), expected);
    assert_eq!(rejected[2]["row"], json!(["page.view", event]));
    rejected[0]["row"]["properties"]["robot"] = false.into();
    rejected[1]["row"]["createdAt"] = json!(now);
    folder.write("facts.rejected.ndjson", ndjson(&rejected[..2]));
    let ended = folder.import_all(&world, &["facts.rejected.ndjson"]).await;
    assert_eq!(ended.outcome(), [2, 2, 0, 0, 0]);
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, 3);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_rows_overwrite_nothing() {
    let (world, folder) = (World::start().await, Folder::new());
    folder.write("facts.ndjson", "nonsense\n");
    folder.write("facts.rejected.ndjson", "mine\n");
    for _ in 0..2 {
        assert_eq!(
            folder
                .import(&world, &["facts.ndjson"])
                .await
                .rows("rejected"),
            1
        );
    }
    let kept = std::fs::read_to_string(folder.path("facts.rejected.ndjson")).unwrap();
    assert_eq!(kept, "mine\n");
    assert_eq!(folder.lines("facts.rejected.2.ndjson").len(), 1);
    assert_eq!(folder.lines("facts.rejected.3.ndjson").len(), 1);
    let ended = folder
        .import(&world, &["facts.ndjson", "--rejected", "bad"])
        .await;
    assert!(
        ended.printed.contains("rejected rows are in bad"),
        "{}",
        ended.printed
    );

    // A rejected file that cannot be written fails the import, because rows would be lost.
    let ended = folder
        .import(&world, &["facts.ndjson", "--rejected", "no/such/folder"])
        .await;
    assert_eq!(ended.status.code(), Some(1), "{}", ended.logged);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_name_no_tenant_take_the_given_one_where_the_event_is_not_registered() {
    let (world, folder) = (World::start().await, Folder::new());
    let (ours, theirs) = (Uuid::now_v7(), Uuid::now_v7());
    let (registered, unknown) = (world.publish_event(theirs, None).await, Uuid::now_v7());
    let view = |event: Uuid| Fact::view(event).id(Uuid::now_v7());
    let custom = json!({"eventType": "newsletter.opened", "id": Uuid::now_v7()});
    folder.write(
        "facts.ndjson",
        ndjson([&view(registered), &view(unknown), &custom]),
    );
    let tenant = ours.to_string();
    folder
        .import_all(&world, &["facts.ndjson", "--tenant", &tenant])
        .await;
    assert_eq!(world.dashboard(theirs, registered, "").await.total_views, 1);
    assert_eq!(world.dashboard(ours, unknown, "").await.total_views, 1);
    world.end().await;
}
