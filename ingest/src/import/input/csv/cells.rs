//! Splits the lines of a record into cells (RFC 4180).
//!
//! Hand-written, because `csv-core` merges the records after an unbalanced quotation mark without an error.

/// Splits records into cells.
#[derive(Debug)]
pub struct CellSplitter {
    delimiter: u8,
    /// Whether quotation marks have a meaning.
    is_quoted: bool,
    state: State,
    /// The text of the cells of the current record, and their ends.
    text: Vec<u8>,
    ends: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the beginning of a cell.
    Start,
    Unquoted,
    Quoted,
    /// After the second quotation mark of a cell, which ends it or is the first of two.
    AfterQuote,
}

/// The state of a record after a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// The record is complete.
    Complete,
    /// A quoted cell continues on the next line.
    Open,
    /// A quotation mark within a quoted cell is neither doubled nor the last character of the cell.
    Broken,
}

impl CellSplitter {
    /// A splitter for records with this delimiter.
    pub fn new(delimiter: u8, is_quoted: bool) -> Self {
        Self {
            delimiter,
            is_quoted,
            state: State::Start,
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Adds a line, with its end, to the current record.
    pub fn add(&mut self, line: &[u8]) -> RecordState {
        for &byte in line {
            self.state = match self.state {
                State::Start if byte == b'"' && self.is_quoted => State::Quoted,
                State::Quoted if byte == b'"' => State::AfterQuote,
                State::AfterQuote if byte == b'"' => self.push(byte, State::Quoted),
                State::Quoted => self.push(byte, State::Quoted),
                _ if byte == self.delimiter => {
                    self.ends.push(self.text.len());
                    State::Start
                }
                // The end of the line.
                _ if matches!(byte, b'\r' | b'\n') => break,
                State::AfterQuote => return RecordState::Broken,
                State::Start | State::Unquoted => self.push(byte, State::Unquoted),
            };
        }
        if self.state == State::Quoted {
            return RecordState::Open;
        }
        self.ends.push(self.text.len());
        RecordState::Complete
    }

    fn push(&mut self, byte: u8, state: State) -> State {
        self.text.push(byte);
        state
    }

    /// The cells of the current record.
    pub fn cells(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let cells = starts.zip(&self.ends);
        cells.map(|(start, end)| &self.text[*start..*end]).collect()
    }

    /// The number of complete cells of the current record.
    pub fn complete_cells(&self) -> usize {
        self.ends.len()
    }

    /// Begins the next record.
    pub fn clear(&mut self) {
        self.state = State::Start;
        self.text.clear();
        self.ends.clear();
    }
}

/// Returns the most frequent of the usual delimiters outside of quotation marks, a comma if there is none.
pub fn detect_delimiter(header: &[u8]) -> u8 {
    let unquoted = || header.split(|byte| *byte == b'"').step_by(2).flatten();
    let count = |delimiter: &u8| unquoted().filter(|byte| *byte == delimiter).count();
    // The last of equal ones.
    *[b'|', b'\t', b';', b',']
        .iter()
        .max_by_key(|it| count(it))
        .unwrap_or(&b',')
}

/// Returns the delimiter of a line `sep=;`, with which Excel begins a file.
pub fn declared_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""))
        .unwrap_or(line);
    let (name, delimiter) = line.split_at_checked(4)?;
    match delimiter {
        [delimiter] if name.eq_ignore_ascii_case(b"sep=") && *delimiter != b'"' => Some(*delimiter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn split(lines: &[&str], is_quoted: bool) -> (RecordState, Vec<String>) {
        let mut splitter = CellSplitter::new(b',', is_quoted);
        let mut state = RecordState::Complete;
        for line in lines {
            state = splitter.add(line.as_bytes());
        }
        let cells = splitter.cells().into_iter();
        let cells = cells.map(|cell| String::from_utf8(cell.to_vec()).unwrap());
        (state, cells.collect())
    }

    #[test]
    fn quotation_marks_enclose_delimiters_and_line_breaks() {
        let (state, cells) = split(&["a,\"b,\"\"c\"\"\r\n", "d\",,e\"f\r\n"], true);
        assert_eq!(state, RecordState::Complete);
        assert_eq!(cells, ["a", "b,\"c\"\r\nd", "", "e\"f"]);
    }

    #[test]
    fn an_unbalanced_quotation_mark_is_found() {
        assert_eq!(split(&["a,\"b\n"], true).0, RecordState::Open);
        assert_eq!(
            split(&["a,\"b\n", "c,5\" d\n"], true).0,
            RecordState::Broken
        );
        assert_eq!(split(&["a,\"b\" \n"], true).0, RecordState::Broken);
    }

    #[test]
    fn without_quoting_a_quotation_mark_is_a_character() {
        let (state, cells) = split(&["\"a,b\"\n"], false);
        assert_eq!((state, cells.len()), (RecordState::Complete, 2));
        assert_eq!(cells, ["\"a", "b\""]);
    }

    #[test]
    fn a_delimiter_is_declared_or_detected() {
        for (line, expected) in [
            ("sep=;\r\n", Some(b';')),
            ("SEP=\t", Some(b'\t')),
            ("\"sep=|\"\n", Some(b'|')),
            ("sep=\n", None),
            ("sep=;,\n", None),
            ("eventType,id\n", None),
        ] {
            assert_eq!(declared_delimiter(line.as_bytes()), expected, "{line:?}");
        }
        for (header, expected) in [
            ("eventType,id", b','),
            ("eventType;id", b';'),
            ("\"a,b,c\"\tid", b'\t'),
            ("a|b|c;d", b'|'),
            ("id", b','),
        ] {
            assert_eq!(detect_delimiter(header.as_bytes()), expected, "{header:?}");
        }
    }

    proptest! {
        #[test]
        fn what_a_writer_of_csv_writes_is_read(
            cells in vec("[a\",;\n\r ]{0,5}", 1..5), delimiter in select(&[b',', b';', b'\t'][..])
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record(&cells).unwrap();
            let text = writer.into_inner().unwrap();
            let mut splitter = CellSplitter::new(delimiter, true);
            let states: Vec<_> = text
                .split_inclusive(|byte| matches!(byte, b'\n' | b'\r'))
                .map(|line| splitter.add(line))
                .collect();
            prop_assert_eq!(states.last(), Some(&RecordState::Complete));
            prop_assert_eq!(splitter.cells(), cells.iter().map(String::as_bytes).collect::<Vec<_>>());
        }
    }
}
