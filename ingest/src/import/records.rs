//! Telling the records of CSV apart, piece by piece as they are read. One that is too long is passed
//! over, not kept: a quotation mark that never ends would otherwise take the whole file with it.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{
    chunk::Gathering,
    columns::{Columns, Mapping},
    lines::{MAX_BYTES, too_long},
};

/// The most cells that a record may have.
const MAX_CELLS: usize = 10_000;

/// The records of a file, as far as they have been read.
#[derive(Debug)]
pub struct Records {
    reader: Reader,
    mappings: Vec<Mapping>,
    /// Known once the header was read.
    columns: Option<Columns>,
    /// The cells of a record whose end has not come yet, one behind the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    cells: usize,
    is_too_long: bool,
    /// Lines that have ended.
    ended: u64,
    /// The line that the record begins on.
    begun_on: Option<u64>,
}

impl Records {
    /// The records of a file whose cells are told apart by `delimiter`.
    #[must_use]
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
            ended: 0,
            begun_on: None,
        }
    }

    /// The line that is being read.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.ended + 1
    }

    /// Takes the next piece of the file.
    ///
    /// # Errors
    /// When the header does not tell what is needed.
    pub fn feed(&mut self, piece: &[u8], into: &mut Gathering) -> anyhow::Result<()> {
        let mut rest = piece;
        while !rest.is_empty() {
            rest = self.advance(rest, into)?;
        }
        Ok(())
    }

    /// The file has ended; its last line may lack the line break.
    ///
    /// # Errors
    /// As for a piece.
    pub fn finish(&mut self, into: &mut Gathering) -> anyhow::Result<()> {
        // The reader takes an empty piece for the end.
        self.advance(&[], into).map(|_| ())
    }

    fn advance<'a>(&mut self, piece: &'a [u8], into: &mut Gathering) -> anyhow::Result<&'a [u8]> {
        if self.begun_on.is_none() {
            // Line breaks before a record are not its own.
            let blank = piece
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let (blank, rest) = piece.split_at(blank.count());
            self.ended += breaks(blank);
            if !blank.is_empty() {
                return Ok(rest);
            }
            self.begun_on = Some(self.line());
        }
        let (text, ends) = (&mut self.text[self.filled..], &mut self.ends[self.cells..]);
        let (result, read, written, ended) = self.reader.read_record(piece, text, ends);
        self.ended += breaks(&piece[..read]);
        self.filled += written;
        self.cells += ended;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull if self.text.len() <= MAX_BYTES => {
                self.text.resize(self.text.len() * 2, 0);
            }
            ReadRecordResult::OutputEndsFull if self.ends.len() <= MAX_CELLS => {
                self.ends.resize(self.ends.len() * 2, 0);
            }
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                self.is_too_long = true;
                (self.filled, self.cells) = (0, 0);
            }
            ReadRecordResult::Record => self.end(into)?,
            ReadRecordResult::End => self.begun_on = None,
        }
        Ok(&piece[read..])
    }

    fn end(&mut self, into: &mut Gathering) -> anyhow::Result<()> {
        let line = self.begun_on.take().unwrap_or_default();
        let mut begin = 0;
        let cells = self.ends[..self.cells].iter().map(|&end| {
            let cell = &self.text[begin..end];
            begin = end;
            cell
        });
        match &self.columns {
            _ if self.is_too_long => into.add(line, &[], Some(too_long())),
            None => {
                let header = cells.map(|name| String::from_utf8_lossy(name).into_owned());
                let columns = Columns::of(&header.collect::<Vec<_>>(), &self.mappings)?;
                if !columns.left_out.is_empty() {
                    let columns = columns.left_out.join(", ");
                    tracing::info!(file = into.file(), columns, "columns that are not imported");
                }
                self.columns = Some(columns);
            }
            Some(columns) => {
                let (json, wrong) = columns.json(&cells.collect::<Vec<_>>());
                into.add(line, json.to_string().as_bytes(), wrong);
            }
        }
        (self.filled, self.cells, self.is_too_long) = (0, 0, false);
        Ok(())
    }
}

fn breaks(bytes: &[u8]) -> u64 {
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
            Records::new(b',', mappings.collect()),
            Gathering::of("file", 0),
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
    fn columns_are_found_by_their_names_and_cells_have_the_types_of_their_fields() {
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
    fn a_mapping_goes_before_the_name_of_a_column() {
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
    fn a_header_that_lacks_something_or_says_it_twice_is_refused() {
        for (header, mappings, expected) in [
            ("id,when\n", &[][..], "no column is `eventType`"),
            ("eventType,when\n", &[], "no column is `createdAt`"),
            (
                "eventType,id\n",
                &["source=from"],
                "no column `from` among eventType, id",
            ),
            (
                "eventType,event_type,id\n",
                &[],
                "two columns are `eventType`",
            ),
        ] {
            let error = read_with(&[header.as_bytes()], mappings).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn a_record_has_the_line_that_it_begins_on() {
        let rows = read("eventType,id\r\n\r\na,\"x\r\ny\"\r\n\r\nb,z,more\r\nc,z");
        let expected = [
            (3, json!({"eventType": "a", "id": "x\r\ny"})),
            (6, json!(["b", "z", "more"])),
            (7, json!({"eventType": "c", "id": "z"})),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_quotation_mark_that_does_not_end_costs_no_memory() {
        let mut records = Records::new(b',', vec![]);
        let mut into = Gathering::of("file", 0);
        records.feed(b"eventType,id\na,\"b", &mut into).unwrap();
        for _ in 0..20 {
            records.feed(&vec![b'x'; 300 * 1024], &mut into).unwrap();
            assert!(records.text.len() <= 2 * MAX_BYTES);
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
        fn where_a_piece_ends_makes_no_difference(
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
