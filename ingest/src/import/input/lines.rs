//! Splits a text into lines, incrementally. A line ends with `\n`, `\r\n` or `\r`. A line that is too long is
//! skipped without being buffered.

use std::mem;

use super::rejection::MAX_ROW_BYTES;

/// The lines of a file.
#[derive(Debug, Default)]
pub struct Lines {
    /// The current line.
    buffer: Vec<u8>,
    is_too_long: bool,
    /// Whether the current line ends with `\r`, which may be the first half of its end.
    has_cr: bool,
    /// The number of complete lines.
    pub complete: u64,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// The text with the end of the line; empty if it is too long.
    pub text: Vec<u8>,
    /// Whether the text exceeds the maximum size of a row.
    pub is_too_long: bool,
}

impl Lines {
    /// Adds the next piece of the file, and calls `each` with every line that ends in it.
    pub fn feed<E>(
        &mut self,
        mut piece: &[u8],
        mut each: impl FnMut(&Line) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            if self.has_cr {
                match piece.split_first() {
                    None => return Ok(()),
                    Some((b'\n', rest)) => {
                        self.append(b"\n");
                        piece = rest;
                    }
                    Some(_) => {}
                }
                self.end(&mut each)?;
            }
            let end = piece.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let Some(end) = end else {
                self.append(piece);
                return Ok(());
            };
            let (line, rest) = piece.split_at(end + 1);
            self.append(line);
            piece = rest;
            self.has_cr = line[end] == b'\r';
            if !self.has_cr {
                self.end(&mut each)?;
            }
        }
    }

    /// Calls `each` with the last line, which may lack an end.
    pub fn finish<E>(&mut self, mut each: impl FnMut(&Line) -> Result<(), E>) -> Result<(), E> {
        if self.buffer.is_empty() && !self.is_too_long {
            return Ok(());
        }
        self.end(&mut each)
    }

    fn append(&mut self, bytes: &[u8]) {
        // The two bytes of the end of a line do not count.
        if self.is_too_long || self.buffer.len() + bytes.len() > MAX_ROW_BYTES + 2 {
            self.is_too_long = true;
            self.buffer.clear();
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }

    fn end<E>(&mut self, each: &mut impl FnMut(&Line) -> Result<(), E>) -> Result<(), E> {
        self.complete += 1;
        self.has_cr = false;
        let line = Line {
            number: self.complete,
            text: mem::take(&mut self.buffer),
            is_too_long: mem::take(&mut self.is_too_long),
        };
        let each = each(&line);
        self.buffer = line.text;
        self.buffer.clear();
        each
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    /// The lines of a file that is read in pieces.
    fn read(pieces: &[&[u8]]) -> Vec<(u64, Vec<u8>)> {
        let (mut lines, mut read) = (Lines::default(), Vec::new());
        let mut each = |line: &Line| {
            read.push((line.number, line.text.clone()));
            Ok::<_, Infallible>(())
        };
        for piece in pieces {
            let Ok(()) = lines.feed(piece, &mut each);
        }
        let Ok(()) = lines.finish(&mut each);
        read
    }

    #[test]
    fn a_line_ends_with_any_of_three_ends() {
        let lines = read(&[b"a\r\nb\rc\n\r\n\r", b"\nlast"]);
        let expected: [&[u8]; 6] = [b"a\r\n", b"b\r", b"c\n", b"\r\n", b"\r\n", b"last"];
        let expected = (1..).zip(expected.map(<[u8]>::to_vec));
        assert_eq!(lines, expected.collect::<Vec<_>>());
        assert_eq!(read(&[b"a\r"]), [(1, b"a\r".to_vec())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_not_buffered() {
        let (mut lines, mut read) = (Lines::default(), Vec::new());
        let mut each = |line: &Line| {
            read.push((line.number, line.text.len(), line.is_too_long));
            Ok::<_, Infallible>(())
        };
        let Ok(()) = lines.feed(b"1\n", &mut each);
        for _ in 0..20 {
            let Ok(()) = lines.feed(&vec![b'x'; 300 * 1024], &mut each);
            assert!(lines.buffer.len() <= MAX_ROW_BYTES + 2);
        }
        let Ok(()) = lines.feed(b"\n3\n", &mut each);
        assert_eq!(read, [(1, 2, false), (2, 0, true), (3, 2, false)]);
    }

    proptest! {
        #[test]
        fn the_boundaries_of_pieces_make_no_difference_and_nothing_is_lost(
            text in "[a\r\n]{0,40}", cuts in prop::collection::vec(0..40_usize, 0..6)
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &text.as_bytes()[cut[0]..cut[1]]).collect();
            let lines = read(&pieces);
            prop_assert_eq!(&lines, &read(&[text.as_bytes()]));
            let joined: Vec<u8> = lines.into_iter().flat_map(|(_, line)| line).collect();
            prop_assert_eq!(joined, text.into_bytes());
        }
    }
}
