//! The files of exports can be imported: where their facts are stored, they are duplicates, and elsewhere they
//! are the same facts.

use std::fs;

use analytics_shared::clock;
use analytics_tests::{fact::Fact, spreadsheet, world::World};
use chrono::{Duration, SubsecRound};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Ended, FACTS, Folder, assert_told, ndjson, story};

/// Exports all facts of an event to a file.
async fn export(world: &World, folder: &Folder, name: &str, mut request: Value) {
    let today = clock::now().date_naive();
    request["dateFrom"] = json!(today - Duration::days(9));
    request["dateTo"] = json!(today);
    let tenant = request["organizationId"].as_str().unwrap().parse().unwrap();
    let exported = world
        .read()
        .of_tenant(tenant)
        .post("/export", &request)
        .await;
    assert_eq!(exported.status(), 200);
    folder.write(name, exported.bytes().await.unwrap());
}

/// Facts with times and texts that a spreadsheet shows in another form.
fn odd_facts(event: Uuid) -> Vec<Fact> {
    let time = clock::now().trunc_subsecs(0) - Duration::hours(5);
    let texts = ["=1+1", "'=1+1", "a;b\"c", "-5", "ünï\ncode"];
    let facts = texts.iter().zip(0..).map(|(text, n)| {
        Fact::view(event)
            .id(Uuid::new_v4())
            .at(time + Duration::microseconds(123_456 + n * 1_600_777))
            .source(text)
            .property("note", text)
    });
    facts.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_imported_again_is_all_duplicates() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    let mut facts = story(event);
    facts.extend(odd_facts(event));
    folder.write("facts.ndjson", ndjson(&facts));
    folder.import_all(&world, &["facts.ndjson"]).await;
    for (name, format, more) in [
        ("export.ndjson", "ndjson", json!({})),
        ("export.csv", "csv", json!({"bom": true})),
        (
            "semicolons.csv",
            "csv",
            json!({"delimiter": "semicolon", "bom": true}),
        ),
        ("tabs.csv", "csv", json!({"delimiter": "tab"})),
        (
            "berlin.ndjson",
            "ndjson",
            json!({"timezone": "Europe/Berlin"}),
        ),
        ("workbook.xlsx", "xlsx", json!({})),
        ("berlin.xlsx", "xlsx", json!({"timezone": "Europe/Berlin"})),
    ] {
        let mut request = json!({"organizationId": tenant, "eventId": event, "format": format});
        request
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        export(&world, &folder, name, request).await;
        let mut file = name.to_owned();
        if format == "xlsx" {
            // As a person does with a spreadsheet.
            let (workbook, folder) = (folder.path(name), folder.path(""));
            let saved = spreadsheet::save_rows_as_csv(&workbook, &folder, "Facts");
            file = saved.file_name().unwrap().to_str().unwrap().to_owned();
        }
        let ended = folder.import_all(&world, &[&file]).await;
        assert_eq!(ended.outcome(), [59, 0, 59, 0, 0], "{name}");
    }
    assert_eq!(world.database.number(FACTS).await, 59);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_can_be_imported_elsewhere() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    folder.write("facts.ndjson", ndjson(story(event)));
    folder.import_all(&world, &["facts.ndjson"]).await;
    for format in ["csv", "ndjson"] {
        let name = format!("export.{format}");
        let request = json!({"organizationId": tenant, "eventId": event, "format": format});
        export(&world, &folder, &name, request).await;
        let elsewhere = World::start().await;
        elsewhere.publish_event_as(event, tenant, None).await;
        let ended = folder.import_all(&elsewhere, &[&name]).await;
        assert_eq!(ended.outcome(), [54, 54, 0, 0, 0], "{format}");
        assert_told(&elsewhere, tenant, event).await;
        elsewhere.end().await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_the_same_after_a_round_trip() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    folder.write("facts.ndjson", ndjson(odd_facts(event)));
    let first: Ended = folder.import_all(&world, &["facts.ndjson"]).await;
    assert_eq!(first.rows("stored"), 5);
    let elsewhere = World::start().await;
    elsewhere.publish_event_as(event, tenant, None).await;
    for (from, to, name) in [
        (&world, &elsewhere, "first.csv"),
        (&elsewhere, &elsewhere, "second.csv"),
    ] {
        let request = json!({"organizationId": tenant, "eventId": event, "format": "csv"});
        export(from, &folder, name, request).await;
        folder.import_all(to, &[name]).await;
    }
    let read = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
    assert_eq!(read("first.csv"), read("second.csv"));
    elsewhere.end().await;
    world.end().await;
}
