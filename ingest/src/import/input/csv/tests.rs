//! Tests of whole files.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const COMMAS: Dialect = Dialect {
    delimiter: None,
    is_quoted: true,
};
const TABS: Dialect = Dialect {
    delimiter: Some(b'\t'),
    is_quoted: false,
};

/// The number and text of each row.
fn texts(dialect: Dialect, file: &str) -> Vec<(u64, String)> {
    let mut records = CsvRows::new(dialect, Arc::default());
    let mut into = ChunkBuilder::for_tests();
    records.feed(file.as_bytes(), &mut into).unwrap();
    records.finish(&mut into).unwrap();
    let rows = into.rows().into_iter();
    rows.map(|(line, text)| (line, String::from_utf8(text).unwrap()))
        .collect()
}

fn read_with(pieces: &[&[u8]], mappings: &[&str]) -> anyhow::Result<Vec<(u64, Value)>> {
    let mappings = mappings.iter().map(|mapping| mapping.parse().unwrap());
    let options = RowOptions {
        mappings: mappings.collect(),
        ..RowOptions::default()
    };
    let mut records = CsvRows::new(COMMAS, options.into());
    let mut into = ChunkBuilder::for_tests();
    for piece in pieces {
        records.feed(piece, &mut into)?;
    }
    records.finish(&mut into)?;
    let json =
        |(line, text): (u64, Vec<u8>)| (line, serde_json::from_slice(&text).unwrap_or_default());
    Ok(into.rows().into_iter().map(json).collect())
}

fn read(text: &str) -> Vec<(u64, Value)> {
    read_with(&[text.as_bytes()], &[]).unwrap()
}

#[test]
fn columns_are_mapped_by_name_and_cells_have_the_types_of_their_fields() {
    let rows = read(
        "event_type,createdAt, visitor_id ,amountCents,robot,properties.seat,note,properties\n\
         page.view,2026-11-23 12:00:00+00,v1,250,TRUE,7,x,\"{\"\"visitorId\"\": \"\"v0\"\", \"\"plan\"\": 1}\"\n\
         page.view,2026-11-23T12:00:00.5Z,,many,,,,\n",
    );
    let expected = [
        (
            2,
            json!({"eventType": "page.view", "createdAt": "2026-11-23T12:00:00Z",
                "properties": {"visitorId": "v1", "amountCents": "250", "robot": true,
                               "seat": "7", "plan": 1}}),
        ),
        (
            3,
            json!({"eventType": "page.view", "createdAt": "2026-11-23T12:00:00.500Z",
                "properties": {"amountCents": "many"}}),
        ),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_mapping_takes_precedence_over_the_name_of_a_column() {
    let file = b"kind,at,eventType,who\npage.view,2026-11-23T12:00:00Z,7,u\n";
    let mappings = [
        "event_type=kind",
        "created_at=at",
        "userId=who",
        "visitorId=who",
    ];
    let rows = read_with(&[file], &mappings).unwrap();
    let expected = json!({"eventType": "page.view", "createdAt": "2026-11-23T12:00:00Z",
        "userId": "u", "properties": {"visitorId": "u"}});
    assert_eq!(rows, [(2, expected)]);
}

#[test]
fn a_header_with_missing_or_ambiguous_columns_is_rejected() {
    for (header, mappings, expected) in [
        ("id,when\n", &[][..], "no column maps to `eventType`"),
        ("eventType,when\n", &[], "no column maps to `createdAt`"),
        (
            "eventType,id\n",
            &["source=from"],
            "no column `from` among eventType, id",
        ),
        (
            "eventType,event_type,id\n",
            &[],
            "two columns map to `eventType`",
        ),
    ] {
        let error = read_with(&[header.as_bytes()], mappings).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_record_has_the_number_of_its_first_line() {
    let rows = read("eventType,id\r\n\r\na,\"x\r\ny\"\r\n\r\nb,z,more\r\nc,z");
    let expected = [
        (3, json!({"eventType": "a", "id": "x\r\ny"})),
        (6, json!(["b", "z", "more"])),
        (7, json!({"eventType": "c", "id": "z"})),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn an_unbalanced_quotation_mark_costs_its_own_line_only() {
    for end in ["d,5\" screen\n", "d,e\n", "\"d\",e\n", "d,\"e\"\n"] {
        let file = format!("eventType,id\na,\"b\nc,d\n{end}");
        let read = texts(COMMAS, &file);
        let lines: Vec<u64> = read.iter().map(|row| row.0).collect();
        assert_eq!(lines, [2, 3, 4], "{end}: {read:?}");
        assert_eq!(read[0].1, "a,\"b", "{end}");
        assert_eq!(read[1].1, "{\"eventType\":\"c\",\"id\":\"d\"}", "{end}");
    }
}

#[test]
fn an_unclosed_quotation_mark_is_not_buffered() {
    let mut records = CsvRows::new(COMMAS, Arc::default());
    let mut into = ChunkBuilder::for_tests();
    records.feed(b"eventType,id\na,\"b\n", &mut into).unwrap();
    for _ in 0..20_000 {
        let line = [&[b'x'; 100][..], b",y\n"].concat();
        records.feed(&line, &mut into).unwrap();
        assert!(records.records.open_bytes <= 2 * MAX_ROW_BYTES);
    }
    records.finish(&mut into).unwrap();
    let read = into.rows();
    assert_eq!(read.len(), 20_001);
    assert!((2..).zip(&read).all(|(line, row)| row.0 == line));
}

#[test]
fn in_tsv_a_quotation_mark_is_a_character() {
    let file = "eventType\tid\na\t\"b\nc\td\n\"e\"\t5\"\n";
    let expected = [
        (2, json!({"eventType": "a", "id": "\"b"})),
        (3, json!({"eventType": "c", "id": "d"})),
        (4, json!({"eventType": "\"e\"", "id": "5\""})),
    ];
    assert_eq!(
        texts(TABS, file),
        expected.map(|(line, row)| (line, row.to_string()))
    );
}

#[test]
fn a_declared_or_frequent_delimiter_is_used_and_blank_lines_are_no_rows() {
    let expected = json!({"eventType": "a", "id": "b,c"}).to_string();
    for file in [
        "sep=;\r\neventType;id\r\na;b,c\r\n",
        "\"sep=;\"\neventType;id\na;b,c\n",
        "eventType;id\n;\n\n \na;b,c\n;\n",
        "eventType|id\ra|b,c",
    ] {
        let read: Vec<_> = texts(COMMAS, file).into_iter().map(|row| row.1).collect();
        assert_eq!(read, [&*expected], "{file:?}");
    }
    assert_eq!(texts(TABS, "sep=;\neventType;id\na;b,c\n")[0].1, expected);
}

proptest! {
    #[test]
    fn the_boundaries_of_pieces_make_no_difference(
        cells in prop::collection::vec(("[a-z\"\n\r,]{1,4}", "[a-z]{0,3}"), 0..5),
        cuts in prop::collection::vec(0..80_usize, 0..6),
    ) {
        let mut file = "eventType,id\n".to_owned();
        for (first, second) in &cells {
            file.extend(["\"", &first.replace('"', "\"\""), "\",", second, "\n"]);
        }
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(file.len())).collect();
        cuts.extend([0, file.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &file.as_bytes()[cut[0]..cut[1]]).collect();
        let rows = read_with(&pieces, &[]).unwrap();
        prop_assert_eq!(rows.len(), cells.len());
        prop_assert_eq!(rows, read(&file));
    }
}
