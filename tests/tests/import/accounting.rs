//! Every line that an import reads is accounted for: read = stored + duplicate + flagged + rejected, for any
//! file.

use std::collections::BTreeSet;

use analytics_shared::clock;
use analytics_tests::{compression::compressed, property::for_all, world::World};
use chrono::{Duration, SecondsFormat};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use super::Folder;

/// A file: its name, its rows with their ends, its compression, and whether it is cut.
#[derive(Clone, Debug)]
struct File {
    name: &'static str,
    rows: Vec<(Row, &'static str)>,
    compression: Option<&'static str>,
    is_cut: bool,
}

/// A kind of row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Valid,
    Robot,
    BrokenQuote,
    ClosingQuote,
    LineBreak,
    Nul,
    NotUtf8,
    Empty,
    Space,
    TooManyCells,
    Garbage,
    Long,
}

const ROWS: [Row; 12] = [
    Row::Valid,
    Row::Robot,
    Row::BrokenQuote,
    Row::ClosingQuote,
    Row::LineBreak,
    Row::Nul,
    Row::NotUtf8,
    Row::Empty,
    Row::Space,
    Row::TooManyCells,
    Row::Garbage,
    Row::Long,
];

fn file() -> impl Strategy<Value = File> {
    let row = prop_oneof![3 => Just(Row::Valid), 5 => select(&ROWS[..])];
    let row = (row, select(&["\n", "\r\n", "\r"][..]));
    let compression = select(
        &[
            None,
            None,
            Some("gzip"),
            Some("zstd"),
            Some("bzip2"),
            Some("xz"),
        ][..],
    );
    let name = select(&["facts.csv", "facts.tsv", "facts.ndjson"][..]);
    (
        name,
        vec(row, 0..30),
        compression,
        prop::bool::weighted(0.3),
    )
        .prop_map(|(name, rows, compression, is_cut)| File {
            name,
            rows,
            compression,
            is_cut,
        })
}

impl File {
    fn text(&self, event: Uuid) -> Vec<u8> {
        let mut text = Vec::new();
        let cells = |cells: [&str; 4]| match self.name {
            "facts.csv" => cells.join(","),
            "facts.tsv" => cells.join("\t"),
            _ => format!(
                r#"{{"eventType": "{}", "eventId": "{}", "createdAt": "{}", "properties": {}}}"#,
                cells[0],
                cells[1],
                cells[2],
                if cells[3].starts_with('{') {
                    cells[3].to_owned()
                } else {
                    format!(r#"{{"note": "{}"}}"#, cells[3])
                }
            ),
        };
        if self.name != "facts.ndjson" {
            let header = ["eventType", "eventId", "createdAt", "properties.note"];
            text.extend(format!("{}\n", cells(header)).into_bytes());
        }
        let begin = clock::now() - Duration::days(1);
        for ((row, end), n) in self.rows.iter().zip(0..) {
            let time = begin + Duration::seconds(n);
            let time = time.to_rfc3339_opts(SecondsFormat::Micros, true);
            let event = event.to_string();
            let of = |note: &str| cells(["page.view", &event, &time, note]).into_bytes();
            text.extend(match row {
                Row::Valid => of("a"),
                Row::Robot if self.name == "facts.ndjson" => of(r#"{"robot": true}"#),
                Row::Robot => of("robot"),
                Row::BrokenQuote => of("\"b"),
                Row::ClosingQuote => of("c\""),
                Row::LineBreak => of("\"d\ne\""),
                Row::Nul => of("f\0"),
                Row::NotUtf8 => [of("g"), vec![0xff]].concat(),
                Row::Empty => Vec::new(),
                Row::Space => b" \t ".to_vec(),
                Row::TooManyCells => [of("h"), b",,,\t\t\t{}".to_vec()].concat(),
                Row::Garbage => b"\x01\x02]}{[".to_vec(),
                Row::Long => of(&"i".repeat(1 << 20)),
            });
            text.extend(end.as_bytes());
        }
        text
    }
}

#[test]
fn every_line_that_an_import_reads_is_accounted_for() {
    for_all(&file(), 40, &async |world: &World, file: &File| {
        let (folder, tenant) = (Folder::new(), Uuid::now_v7());
        let event = world.publish_event(tenant, None).await;
        let text = file.text(event);
        let mut bytes = match file.compression {
            Some(compression) => compressed(compression, &text).await,
            None => text,
        };
        let is_damaged = file.is_cut && file.compression.is_some();
        if file.is_cut {
            bytes.truncate(bytes.len() * 2 / 3);
        }
        folder.write(file.name, bytes);
        let ended = folder.import(world, &[file.name]).await;
        let code = ended.status.code();
        if is_damaged {
            assert_eq!(code, Some(1), "{file:?} {}", ended.logged);
            assert!(
                ended.logged.contains("lines were read before"),
                "{}",
                ended.logged
            );
        }
        if code == Some(1) && ended.printed.is_empty() {
            return;
        }
        let [read, stored, duplicate, flagged, rejected] = ended.outcome();
        assert_eq!(
            read,
            stored + duplicate + flagged + rejected,
            "{}",
            ended.printed
        );
        if !is_damaged {
            // A file that is cut may have lost its header.
            let expected: &[i32] = if rejected > 0 { &[3, 1] } else { &[0, 1] };
            assert!(
                expected.contains(&code.unwrap()),
                "{code:?} {}",
                ended.logged
            );
        }
        let facts = "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE event_id";
        let facts = world.database.number(&format!("{facts} = '{event}'")).await;
        assert_eq!(u64::try_from(facts), Ok(stored + flagged), "{file:?}");
        let lines = if rejected == 0 {
            Vec::new()
        } else {
            folder.lines("facts.rejected.ndjson")
        };
        assert_eq!(lines.len() as u64, rejected);
        let distinct: BTreeSet<u64> = lines
            .iter()
            .map(|row| row["line"].as_u64().unwrap())
            .collect();
        assert_eq!(distinct.len(), lines.len(), "each line is rejected once");
        if file.name != "facts.csv" && !file.is_cut {
            assert_eq!(read, expected_rows(file), "{file:?}");
        }
    });
}

/// The number of lines that are rows, where a quotation mark is a character.
fn expected_rows(file: &File) -> u64 {
    let rows = file.rows.iter().map(|(row, _)| match row {
        Row::Empty | Row::Space => 0,
        Row::LineBreak => 2,
        _ => 1,
    });
    rows.sum()
}
