//! Splits NDJSON into lines, incrementally. A line that is too long is skipped without being buffered.

use bytes::{Bytes, BytesMut};
use tokio_util::codec::{AnyDelimiterCodec, AnyDelimiterCodecError, Decoder};

use super::{
    chunk::{ChunkBuilder, RowParser},
    rejection::{MAX_ROW_BYTES, Rejection},
};

/// The byte order mark, which some programs write at the beginning of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file.
#[derive(Debug)]
pub struct NdjsonLines {
    codec: AnyDelimiterCodec,
    buffer: BytesMut,
    /// The number of complete lines.
    complete: u64,
}

impl Default for NdjsonLines {
    fn default() -> Self {
        let (delimiters, unused) = (b"\n".to_vec(), Vec::new());
        Self {
            codec: AnyDelimiterCodec::new_with_max_length(delimiters, unused, MAX_ROW_BYTES),
            buffer: BytesMut::new(),
            complete: 0,
        }
    }
}

impl RowParser for NdjsonLines {
    fn feed(&mut self, piece: &[u8], rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        self.buffer.extend_from_slice(piece);
        while let Some(line) = self.codec.decode(&mut self.buffer).transpose() {
            self.add(line, rows);
        }
        Ok(())
    }

    fn finish(&mut self, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        while let Some(line) = self.codec.decode_eof(&mut self.buffer).transpose() {
            self.add(line, rows);
        }
        Ok(())
    }

    fn line(&self) -> u64 {
        self.complete + 1
    }
}

impl NdjsonLines {
    fn add(&mut self, line: Result<Bytes, AnyDelimiterCodecError>, rows: &mut ChunkBuilder) {
        self.complete += 1;
        let Ok(line) = line else {
            return rows.add(self.complete, &[], Some(Rejection::too_long()));
        };
        let text = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(text) if self.complete == 1 => text,
            _ => &line,
        };
        let text = text.trim_ascii();
        if !text.is_empty() {
            rows.add(self.complete, text, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of a file that is read in pieces.
    fn read(pieces: &[&[u8]]) -> Vec<(u64, Vec<u8>)> {
        let (mut lines, mut rows) = (NdjsonLines::default(), ChunkBuilder::new("file", 0));
        for piece in pieces {
            lines.feed(piece, &mut rows).unwrap();
        }
        lines.finish(&mut rows).unwrap();
        rows.rows()
    }

    #[test]
    fn lines_are_split_and_empty_ones_are_skipped() {
        let lines = read(&[b"\xef\xbb\xbf{}\r\n\n  \n{\"a\"", b":1}\n\nlast"]);
        let expected: [(u64, &[u8]); 3] = [(1, b"{}"), (4, b"{\"a\":1}"), (6, b"last")];
        assert_eq!(lines, expected.map(|(line, text)| (line, text.to_vec())));
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_not_buffered() {
        let piece = vec![b'x'; 300 * 1024];
        let mut lines = NdjsonLines::default();
        let mut rows = ChunkBuilder::new("file", 0);
        lines.feed(b"1\n", &mut rows).unwrap();
        for _ in 0..20 {
            lines.feed(&piece, &mut rows).unwrap();
            assert!(lines.buffer.len() <= MAX_ROW_BYTES);
        }
        lines.feed(b"\n3\n", &mut rows).unwrap();
        lines.finish(&mut rows).unwrap();
        let expected: [(u64, &[u8]); 3] = [(1, b"1"), (2, b""), (3, b"3")];
        assert_eq!(
            rows.rows(),
            expected.map(|(line, text)| (line, text.to_vec()))
        );
    }

    proptest! {
        #[test]
        fn the_boundaries_of_pieces_make_no_difference(
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
