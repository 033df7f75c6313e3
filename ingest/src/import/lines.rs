//! Telling the lines of NDJSON apart, piece by piece as they are read. One that is too long is passed
//! over, not kept.

use super::{chunk::Gathering, rejected::Rejection};

/// The longest row that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// What some programs write at the beginning of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file, as far as they have been read.
#[derive(Debug, Default)]
pub struct Lines {
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    is_too_long: bool,
    /// Lines that have ended.
    pub ended: u64,
}

impl Lines {
    /// Takes the next piece of the file.
    pub fn feed(&mut self, piece: &[u8], into: &mut Gathering) {
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.end(&rest[..end], into);
            rest = &rest[end + 1..];
        }
        self.keep(rest);
    }

    /// The file has ended; its last line may lack the line break.
    pub fn finish(&mut self, into: &mut Gathering) {
        self.end(&[], into);
    }

    fn end(&mut self, tail: &[u8], into: &mut Gathering) {
        self.ended += 1;
        if self.begun.is_empty() && !self.is_too_long && tail.len() <= MAX_BYTES {
            // Most lines lie within one piece.
            return add(self.ended, tail, into);
        }
        self.keep(tail);
        if self.is_too_long {
            into.add(self.ended, &[], Some(too_long()));
        } else {
            add(self.ended, &self.begun, into);
        }
        self.begun.clear();
        self.is_too_long = false;
    }

    fn keep(&mut self, more: &[u8]) {
        if self.begun.len() + more.len() > MAX_BYTES {
            self.is_too_long = true;
            self.begun.clear();
        }
        if !self.is_too_long {
            self.begun.extend_from_slice(more);
        }
    }
}

/// A row that is longer than any may be.
pub fn too_long() -> Rejection {
    Rejection::unreadable("body", format!("is longer than {MAX_BYTES} bytes"))
}

fn add(number: u64, line: &[u8], into: &mut Gathering) {
    let line = match line.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) if number == 1 => rest,
        _ => line,
    };
    let line = line.trim_ascii();
    if !line.is_empty() {
        into.add(number, line, None);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of a file that comes in pieces.
    fn read(pieces: &[&[u8]]) -> Vec<(u64, Vec<u8>)> {
        let (mut lines, mut into) = (Lines::default(), Gathering::of("file", 0));
        for piece in pieces {
            lines.feed(piece, &mut into);
        }
        lines.finish(&mut into);
        into.rows()
    }

    #[test]
    fn lines_are_told_apart_and_empty_ones_are_none() {
        let rows = read(&[b"\xef\xbb\xbf{}\r\n\n  \n{\"a\"", b":1}\n\nlast"]);
        let expected: [(u64, &[u8]); 3] = [(1, b"{}"), (4, b"{\"a\":1}"), (6, b"last")];
        assert_eq!(rows, expected.map(|(line, text)| (line, text.to_vec())));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_not_kept() {
        let piece = vec![b'x'; 300 * 1024];
        let mut lines = Lines::default();
        let mut into = Gathering::of("file", 0);
        lines.feed(b"1\n", &mut into);
        for _ in 0..20 {
            lines.feed(&piece, &mut into);
            assert!(lines.begun.len() <= MAX_BYTES);
        }
        lines.feed(b"\n3\n", &mut into);
        lines.finish(&mut into);
        let expected: [(u64, &[u8]); 3] = [(1, b"1"), (2, b""), (3, b"3")];
        assert_eq!(
            into.rows(),
            expected.map(|(line, text)| (line, text.to_vec()))
        );
    }

    proptest! {
        #[test]
        fn where_a_piece_ends_makes_no_difference(
            texts in prop::collection::vec("[a-z]{0,6}", 0..8), cuts in prop::collection::vec(0..60_usize, 0..6)
        ) {
            let file = texts.join("\n");
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(file.len())).collect();
            cuts.extend([0, file.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &file.as_bytes()[cut[0]..cut[1]]).collect();
            let expected: Vec<(u64, Vec<u8>)> = (1..).zip(&texts)
                .filter(|(_, text)| !text.is_empty())
                .map(|(line, text)| (line, text.clone().into_bytes()))
                .collect();
            prop_assert_eq!(read(&pieces), expected);
        }
    }
}
