//! Rows in JSON: one per line, which is NDJSON, or the elements of arrays.

mod values;

use super::{
    chunk::{ChunkBuilder, RowParser},
    lines::{Line, Lines},
    rejection::Rejection,
};
use values::Values;

/// The maximum size of white space before the first row, in bytes.
const MAX_START_BYTES: usize = 64 * 1024;

/// The rows of a file.
#[derive(Debug)]
pub enum JsonRows {
    /// The layout is not known yet; the bytes so far.
    Start(Vec<u8>),
    /// A row per line: a malformed row ends with its line.
    Lines(Lines),
    /// Arrays, or objects over several lines.
    Values(Values),
}

impl Default for JsonRows {
    fn default() -> Self {
        Self::Start(Vec::new())
    }
}

impl RowParser for JsonRows {
    fn feed(&mut self, piece: &[u8], rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        match self {
            Self::Start(start) => {
                start.extend_from_slice(piece);
                let Some(mut parser) = layout(start) else {
                    return Ok(());
                };
                let start = std::mem::take(start);
                parser.feed(&start, rows)?;
                *self = parser;
                Ok(())
            }
            Self::Lines(lines) => lines.feed(piece, |line| {
                add(line, rows);
                Ok(())
            }),
            Self::Values(values) => {
                values.feed(piece, rows);
                Ok(())
            }
        }
    }

    fn finish(&mut self, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        match self {
            Self::Start(start) => {
                let mut parser = Self::Lines(Lines::default());
                parser.feed(start, rows)?;
                *self = parser;
                self.finish(rows)
            }
            Self::Lines(lines) => lines.finish(|line| {
                add(line, rows);
                Ok(())
            }),
            Self::Values(values) => values.finish(rows),
        }
    }

    fn line(&self) -> u64 {
        match self {
            Self::Start(_) => 1,
            Self::Lines(lines) => lines.complete + 1,
            Self::Values(values) => values.line,
        }
    }
}

/// Returns the parser for a file with this beginning; `None` if it is not known yet.
fn layout(start: &[u8]) -> Option<JsonRows> {
    let text = start.trim_ascii_start();
    let is_of_values = match text {
        [b'[', ..] => true,
        // An object over several lines.
        [b'{', rest @ ..] => {
            let mut rest = rest
                .iter()
                .skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
            match rest.next() {
                Some(next) => *next == b'\n',
                None if start.len() < MAX_START_BYTES => return None,
                None => false,
            }
        }
        [] if start.len() < MAX_START_BYTES => return None,
        _ => false,
    };
    Some(if is_of_values {
        JsonRows::Values(Values::default())
    } else {
        JsonRows::Lines(Lines::default())
    })
}

fn add(line: &Line, rows: &mut ChunkBuilder) {
    let text = line.text.trim_ascii();
    if line.is_too_long {
        rows.add(line.number, &[], Some(Rejection::too_long()));
    } else if !text.is_empty() {
        rows.add(line.number, text, None);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::input::rejection::MAX_ROW_BYTES;

    /// The rows of a file that is read in pieces.
    fn read(pieces: &[&[u8]]) -> Vec<(u64, String)> {
        let (mut parser, mut rows) = (JsonRows::default(), ChunkBuilder::for_tests());
        for piece in pieces {
            parser.feed(piece, &mut rows).unwrap();
        }
        parser.finish(&mut rows).unwrap();
        let rows = rows.rows().into_iter();
        rows.map(|(line, text)| (line, String::from_utf8(text).unwrap()))
            .collect()
    }

    fn rows<const N: usize>(expected: [(u64, &str); N]) -> Vec<(u64, String)> {
        let expected = expected.into_iter();
        expected
            .map(|(line, text)| (line, text.to_owned()))
            .collect()
    }

    #[test]
    fn lines_are_rows_and_empty_ones_are_skipped() {
        let read = read(&[b"{}\r\n\n  \n{\"a\"", b":1}\n[\n\nlast"]);
        assert_eq!(
            read,
            rows([(1, "{}"), (4, "{\"a\":1}"), (5, "["), (7, "last")])
        );
    }

    #[test]
    fn the_elements_of_an_array_are_rows() {
        for array in [
            "[{\"a\":[1,2]},{\"b\":\"]},{\"}]",
            "\n [\n {\"a\":[1,2]},\n {\"b\":\"]},{\"}\n]\n",
            "[{\"a\":[1,2]}]\n[{\"b\":\"]},{\"}]",
        ] {
            let texts: Vec<_> = read(&[array.as_bytes()])
                .into_iter()
                .map(|row| row.1)
                .collect();
            assert_eq!(texts, ["{\"a\":[1,2]}", "{\"b\":\"]},{\"}"], "{array}");
        }
        assert_eq!(read(&[b"[]"]), []);
        assert_eq!(
            read(&[b"[1, x,\n{}]"]),
            rows([(1, "1"), (1, "x"), (2, "{}")])
        );
    }

    #[test]
    fn objects_over_several_lines_are_rows() {
        let read = read(&[b"{\n \"a\": 1\n}\n{ \"b\": \"\\\"}\" }\n"]);
        assert_eq!(
            read,
            rows([(1, "{\n \"a\": 1\n}"), (4, "{ \"b\": \"\\\"}\" }")])
        );
    }

    #[test]
    fn an_unclosed_text_in_an_array_ends_with_its_line() {
        let read = read(&[b"[{\"a\": \"x},\n{\"b\": 1}},\n{}]"]);
        assert_eq!(read.len(), 2, "{read:?}");
        assert_eq!(read[1], (3, "{}".to_owned()));
    }

    #[test]
    fn an_array_without_an_end_is_an_error() {
        let (mut parser, mut rows) = (JsonRows::default(), ChunkBuilder::for_tests());
        parser.feed(b"[{},\n{\"a\":", &mut rows).unwrap();
        assert!(parser.finish(&mut rows).is_err());
        assert_eq!(rows.rows().len(), 2);
    }

    #[test]
    fn an_element_that_is_too_long_is_skipped_and_not_buffered() {
        let (mut parser, mut rows) = (JsonRows::default(), ChunkBuilder::for_tests());
        parser.feed(b"[{\"a\": \"", &mut rows).unwrap();
        for _ in 0..20 {
            parser.feed(&vec![b'x'; 300 * 1024], &mut rows).unwrap();
            let JsonRows::Values(values) = &parser else {
                panic!("an array");
            };
            assert!(values.buffered() <= MAX_ROW_BYTES);
        }
        parser.feed(b"\"}, {}]", &mut rows).unwrap();
        parser.finish(&mut rows).unwrap();
        let lengths: Vec<_> = rows.rows().into_iter().map(|row| row.1.len()).collect();
        assert_eq!(lengths, [0, 2]);
    }

    proptest! {
        #[test]
        fn the_boundaries_of_pieces_make_no_difference(
            text in "([{}a\" \n,\\[\\]\\\\]){0,30}", cuts in prop::collection::vec(0..60_usize, 0..6)
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let all = |pieces: &[&[u8]]| {
                let (mut parser, mut rows) = (JsonRows::default(), ChunkBuilder::for_tests());
                for piece in pieces {
                    parser.feed(piece, &mut rows).unwrap();
                }
                let ended = parser.finish(&mut rows).is_ok();
                (ended, rows.rows())
            };
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &text.as_bytes()[cut[0]..cut[1]]).collect();
            prop_assert_eq!(all(&pieces), all(&[text.as_bytes()]));
        }
    }
}
