//! Splits CSV into records, incrementally. A record that is too long is skipped without being buffered: an
//! unclosed quotation mark would otherwise buffer the rest of the file.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{
    chunk::{ChunkBuilder, RowParser},
    columns::{Columns, Mapping},
    rejection::{MAX_ROW_BYTES, Rejection},
};

/// The maximum number of cells of a record.
const MAX_CELLS: usize = 10_000;

/// The records of a file.
#[derive(Debug)]
pub struct CsvRecords {
    reader: Reader,
    mappings: Vec<Mapping>,
    /// The columns, after the header was read.
    columns: Option<Columns>,
    /// The concatenated cells of the current record, and their ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    cells: usize,
    is_too_long: bool,
    /// The number of complete lines.
    complete_lines: u64,
    /// The first line of the current record.
    first_line: Option<u64>,
}

impl CsvRecords {
    /// The records of a file with this delimiter.
    pub fn new(delimiter: u8, mappings: Vec<Mapping>) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            mappings,
            columns: None,
            text: vec![0; 4096],
            ends: vec![0; 64],
            filled: 0,
            cells: 0,
            is_too_long: false,
            complete_lines: 0,
            first_line: None,
        }
    }
}

impl RowParser for CsvRecords {
    fn feed(&mut self, piece: &[u8], rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        let mut rest = piece;
        while !rest.is_empty() {
            rest = self.advance(rest, rows)?;
        }
        Ok(())
    }

    fn finish(&mut self, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        // An empty piece means the end of the file.
        self.advance(&[], rows).map(|_| ())
    }

    fn line(&self) -> u64 {
        self.complete_lines + 1
    }
}

impl CsvRecords {
    fn advance<'a>(
        &mut self,
        piece: &'a [u8],
        rows: &mut ChunkBuilder,
    ) -> anyhow::Result<&'a [u8]> {
        if self.first_line.is_none() {
            // Line breaks before a record are not part of it.
            let blank = piece
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let (blank, rest) = piece.split_at(blank.count());
            self.complete_lines += line_breaks(blank);
            if !blank.is_empty() {
                return Ok(rest);
            }
            self.first_line = Some(self.line());
        }
        let (text, ends) = (&mut self.text[self.filled..], &mut self.ends[self.cells..]);
        let (result, read, written, ended) = self.reader.read_record(piece, text, ends);
        self.complete_lines += line_breaks(&piece[..read]);
        self.filled += written;
        self.cells += ended;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull if self.text.len() <= MAX_ROW_BYTES => {
                self.text.resize(self.text.len() * 2, 0);
            }
            ReadRecordResult::OutputEndsFull if self.ends.len() <= MAX_CELLS => {
                self.ends.resize(self.ends.len() * 2, 0);
            }
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                self.is_too_long = true;
                (self.filled, self.cells) = (0, 0);
            }
            ReadRecordResult::Record => self.add(rows)?,
            ReadRecordResult::End => self.first_line = None,
        }
        Ok(&piece[read..])
    }

    fn add(&mut self, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        let line = self.first_line.take().unwrap_or_default();
        let mut start = 0;
        let cells = self.ends[..self.cells].iter().map(|&end| {
            let cell = &self.text[start..end];
            start = end;
            cell
        });
        match &self.columns {
            _ if self.is_too_long => rows.add(line, &[], Some(Rejection::too_long())),
            None => {
                let header = cells.map(|name| String::from_utf8_lossy(name).into_owned());
                let columns = Columns::new(&header.collect::<Vec<_>>(), &self.mappings)?;
                if !columns.ignored.is_empty() {
                    let columns = columns.ignored.join(", ");
                    tracing::info!(file = rows.file(), columns, "ignored columns");
                }
                self.columns = Some(columns);
            }
            Some(columns) => {
                let (json, rejection) = columns.to_json(&cells.collect::<Vec<_>>());
                rows.add(line, json.to_string().as_bytes(), rejection);
            }
        }
        (self.filled, self.cells, self.is_too_long) = (0, 0, false);
        Ok(())
    }
}

fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').skip(1).count() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read_with(pieces: &[&[u8]], mappings: &[&str]) -> anyhow::Result<Vec<(u64, Value)>> {
        let mappings = mappings.iter().map(|mapping| mapping.parse().unwrap());
        let (mut records, mut into) = (
            CsvRecords::new(b',', mappings.collect()),
            ChunkBuilder::new("file", 0),
        );
        for piece in pieces {
            records.feed(piece, &mut into)?;
        }
        records.finish(&mut into)?;
        let json = |(line, text): (u64, Vec<u8>)| {
            (line, serde_json::from_slice(&text).unwrap_or_default())
        };
        Ok(into.rows().into_iter().map(json).collect())
    }

    fn read(text: &str) -> Vec<(u64, Value)> {
        read_with(&[text.as_bytes()], &[]).unwrap()
    }

    #[test]
    fn columns_are_mapped_by_name_and_cells_have_the_types_of_their_fields() {
        let rows = read(
            "\u{feff}event_type,createdAt, visitor_id ,amountCents,robot,properties.seat,note,properties\n\
             page.view,2026-11-23 12:00:00+00,v1,250,TRUE,7,x,\"{\"\"visitorId\"\": \"\"v0\"\", \"\"plan\"\": 1}\"\n\
             page.view,2026-11-23T12:00:00.5Z,,many,,,,\n",
        );
        let expected = [
            (
                2,
                json!({"eventType": "page.view", "createdAt": "2026-11-23 12:00:00+00:00",
                    "properties": {"visitorId": "v1", "amountCents": 250, "robot": true,
                                   "seat": "7", "plan": 1}}),
            ),
            (
                3,
                json!({"eventType": "page.view", "createdAt": "2026-11-23T12:00:00.5Z",
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
    fn an_unclosed_quotation_mark_is_not_buffered() {
        let mut records = CsvRecords::new(b',', vec![]);
        let mut into = ChunkBuilder::new("file", 0);
        records.feed(b"eventType,id\na,\"b", &mut into).unwrap();
        for _ in 0..20 {
            records.feed(&vec![b'x'; 300 * 1024], &mut into).unwrap();
            assert!(records.text.len() <= 2 * MAX_ROW_BYTES);
        }
        records.feed(b"\"\nc,d\n", &mut into).unwrap();
        records.finish(&mut into).unwrap();
        let lines: Vec<(u64, bool)> = into
            .rows()
            .iter()
            .map(|(line, text)| (*line, text.is_empty()))
            .collect();
        assert_eq!(lines, [(2, true), (3, false)]);
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
}
