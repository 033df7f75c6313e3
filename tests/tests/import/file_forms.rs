//! Files in the forms in which other programs write them are read: quotation marks in TSV, UTF-16, arrays, and
//! declared delimiters.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use chrono::{Duration, SecondsFormat};
use serde_json::json;
use uuid::Uuid;

use super::{FACTS, Folder};

/// The rows of a table of views, with a note each, and a header.
fn table(event: Uuid, notes: &[&str], delimiter: char) -> String {
    let begin = clock::now() - Duration::days(1);
    let header = ["eventType", "eventId", "createdAt", "properties.note"];
    let mut table = header.join(&delimiter.to_string()) + "\r\n";
    for (note, minutes) in notes.iter().zip(0..) {
        let time = begin + Duration::minutes(minutes);
        let time = time.to_rfc3339_opts(SecondsFormat::Micros, true);
        let cells = ["page.view", &event.to_string(), &time, note];
        table += &(cells.join(&delimiter.to_string()) + "\r\n");
    }
    table
}

async fn notes(world: &World) -> Vec<String> {
    let stored =
        "SELECT properties ->> 'note' FROM analytics_service.analytics_events ORDER BY created_at";
    let rows = world.database.rows(stored).await;
    let notes = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
    notes.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn quoting_in_tsv_a_quotation_mark_is_a_character() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let expected = ["\"begins", "b", "c", "12\" screen", "\"e\""];
    folder.write("facts.tsv", table(event, &expected, '\t'));
    let ended = folder.import_all(&world, &["facts.tsv"]).await;
    assert_eq!(ended.outcome(), [5, 5, 0, 0, 0]);
    assert_eq!(notes(&world).await, expected);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quoting_in_csv_an_unbalanced_quotation_mark_costs_its_own_line_only() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let written = ["\"begins", "b", "\"c\r\nd\"", "12\" screen", "e"];
    folder.write("facts.csv", table(event, &written, ','));
    let ended = folder.import(&world, &["facts.csv"]).await;
    assert_eq!(ended.outcome(), [5, 4, 0, 0, 1], "{}", ended.logged);
    let rejected = folder.lines("facts.rejected.ndjson");
    assert_eq!(
        (&rejected[0]["line"], &rejected[0]["field"]),
        (&json!(2), &json!("body"))
    );
    assert_eq!(notes(&world).await, ["b", "c\r\nd", "12\" screen", "e"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn file_forms_utf_16_and_declared_delimiters_of_excel_are_read() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let notes_of = |n: usize| [format!("Москва {n}"), format!("Köln 😀 {n}")];
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    let mut expected = Vec::new();
    for (n, name) in [
        "le.csv",
        "be.csv",
        "tabs.txt",
        "sep.csv",
        "semicolon.csv",
        "mac.csv",
        "bom.csv",
        "lines.ndjson",
    ]
    .into_iter()
    .enumerate()
    {
        let texts = notes_of(n);
        let texts = [&*texts[0], &*texts[1]];
        expected.extend(texts.map(str::to_owned));
        let bytes = match name {
            "le.csv" => utf16(&table(event, &texts, ';'), u16::to_le_bytes),
            "be.csv" => utf16(&table(event, &texts, ','), u16::to_be_bytes),
            "tabs.txt" => utf16(&table(event, &texts, '\t'), u16::to_le_bytes),
            "sep.csv" => format!("sep=|\r\n{}", table(event, &texts, '|')).into_bytes(),
            "semicolon.csv" => table(event, &texts, ';').into_bytes(),
            "mac.csv" => table(event, &texts, ',').replace("\r\n", "\r").into_bytes(),
            "bom.csv" => format!("\u{feff}{}", table(event, &texts, ',')).into_bytes(),
            _ => {
                let lines = texts.map(|note| {
                    Fact::view(event)
                        .id(Uuid::now_v7())
                        .property("note", note)
                        .to_string()
                });
                utf16(&lines.join("\r\n"), u16::to_le_bytes)
            }
        };
        folder.write(name, bytes);
        let format: &[&str] = if name == "tabs.txt" {
            &["--format", "tsv"]
        } else {
            &[]
        };
        let ended = folder.import_all(&world, &[&[name], format].concat()).await;
        assert_eq!(ended.outcome(), [2, 2, 0, 0, 0], "{name}");
    }
    let mut stored = notes(&world).await;
    stored.sort();
    expected.sort();
    assert_eq!(stored, expected);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn file_forms_the_elements_of_json_arrays_are_facts() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let facts = |count: usize| -> Vec<Fact> {
        let fact = |_| {
            Fact::view(event)
                .id(Uuid::now_v7())
                .property("note", "], [{\"")
        };
        (0..count).map(fact).collect()
    };
    // More than the maximum size of a row, without a line break.
    let (many, few) = (facts(10_000), facts(3));
    folder.write("many.json", json!(many).to_string());
    folder.write(
        "pretty.json",
        serde_json::to_string_pretty(&json!(few)).unwrap(),
    );
    folder.write("empty.json", "[]\n");
    let bad = json!([facts(1)[0], 7, {"eventType": "page.view"}, null, [facts(1)[0]]]);
    folder.write("bad.json", bad.to_string());
    let ended = folder
        .import_all(&world, &["many.json", "pretty.json", "empty.json"])
        .await;
    assert_eq!(ended.outcome(), [10_003, 10_003, 0, 0, 0]);
    let ended = folder.import(&world, &["bad.json"]).await;
    assert_eq!(ended.outcome(), [5, 1, 0, 0, 4]);
    // An array that is cut.
    let cut = serde_json::to_string_pretty(&json!(facts(4))).unwrap();
    folder.write("cut.json", &cut[..cut.len() - 20]);
    let ended = folder.import(&world, &["cut.json"]).await;
    assert_eq!(ended.status.code(), Some(1), "{}", ended.logged);
    assert!(
        ended
            .logged
            .contains("the end of the JSON array is missing"),
        "{}",
        ended.logged
    );
    assert_eq!(ended.outcome(), [4, 3, 0, 0, 1]);
    assert_eq!(world.database.number(FACTS).await, 10_007);
    world.end().await;
}
