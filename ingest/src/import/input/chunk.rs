//! Chunks of rows, each row with the text that it was parsed from.

use std::{collections::VecDeque, mem, ops::Range, sync::Arc};

use super::{
    format::Format,
    rejection::{Rejection, original_row},
    row::RowOptions,
};
use crate::enrich::imported::ValidatedRow;

/// The maximum number of rows of a chunk: enough for full batches, and few enough to hold several chunks in
/// memory.
const MAX_ROWS: usize = 4_000;
/// The size of the text at which a chunk is full, in bytes.
const MAX_TEXT_BYTES: usize = 2 * 1024 * 1024;

/// Rows that are processed together.
#[derive(Debug)]
pub struct Chunk {
    /// The rows.
    pub rows: Vec<ParsedRow>,
    /// The number of their file.
    pub file: usize,
    /// The format of their file.
    pub format: Format,
    /// The number of bytes of all files that were read up to this chunk.
    pub position: u64,
}

/// A parsed row.
#[derive(Debug)]
pub struct ParsedRow {
    /// The position and text of the row.
    pub origin: Origin,
    /// The row, if it is valid.
    pub parsed: Result<ValidatedRow, Rejection>,
}

/// The position and text of a row.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The number of its first line.
    pub line: u64,
    text: Arc<ChunkText>,
    range: Range<usize>,
}

#[derive(Debug)]
struct ChunkText {
    file: Arc<str>,
    bytes: Vec<u8>,
}

impl Origin {
    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.text.file
    }

    /// The text of the row.
    pub fn text(&self) -> &[u8] {
        &self.text.bytes[self.range.clone()]
    }
}

type Row = (u64, Range<usize>, Result<ValidatedRow, Rejection>);

/// Parses the rows of one file and collects them in chunks.
#[derive(Debug)]
pub struct ChunkBuilder {
    name: Arc<str>,
    file: usize,
    format: Format,
    options: Arc<RowOptions>,
    text: Vec<u8>,
    rows: Vec<Row>,
    /// Complete chunks.
    complete: VecDeque<(Vec<u8>, Vec<Row>)>,
}

impl ChunkBuilder {
    /// A builder for the file with this name, number and format.
    pub fn new(name: &str, file: usize, format: Format, options: Arc<RowOptions>) -> Self {
        Self {
            name: name.into(),
            file,
            format,
            options,
            text: Vec::new(),
            rows: Vec::new(),
            complete: VecDeque::new(),
        }
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.name
    }

    /// Adds the row on `line`: parsed, or with a rejection that is known already.
    pub fn add(&mut self, line: u64, row: &[u8], rejection: Option<Rejection>) {
        let mut parsed = rejection.map_or_else(|| self.options.parse(row), Err);
        let start = self.text.len();
        match original_row(row).filter(|_| parsed.is_err()) {
            Some(original) => {
                parsed = self.options.parse(&original);
                self.text.extend(original);
            }
            None => self.text.extend_from_slice(row),
        }
        self.rows.push((line, start..self.text.len(), parsed));
        if self.rows.len() >= MAX_ROWS || self.text.len() >= MAX_TEXT_BYTES {
            self.complete_chunk();
        }
    }

    /// Completes the current chunk, if it has rows.
    pub fn complete_chunk(&mut self) {
        if !self.rows.is_empty() {
            self.complete
                .push_back((mem::take(&mut self.text), mem::take(&mut self.rows)));
        }
    }

    /// Returns the next complete chunk; `position` is the number of bytes of all files that were read.
    pub fn next(&mut self, position: u64) -> Option<Chunk> {
        let (bytes, rows) = self.complete.pop_front()?;
        let file = Arc::clone(&self.name);
        let text = Arc::new(ChunkText { file, bytes });
        let rows = rows.into_iter().map(|(line, range, parsed)| ParsedRow {
            origin: Origin {
                line,
                text: Arc::clone(&text),
                range,
            },
            parsed,
        });
        Some(Chunk {
            rows: rows.collect(),
            file: self.file,
            format: self.format,
            position,
        })
    }

    /// A builder for a file, in tests.
    #[cfg(test)]
    pub fn for_tests() -> Self {
        Self::new("file", 0, Format::Ndjson, Arc::default())
    }

    /// All rows so far, in tests.
    #[cfg(test)]
    pub fn rows(&mut self) -> Vec<(u64, Vec<u8>)> {
        self.complete_chunk();
        let mut rows = Vec::new();
        while let Some(chunk) = self.next(0) {
            let texts = chunk
                .rows
                .iter()
                .map(|row| (row.origin.line, row.origin.text().to_vec()));
            rows.extend(texts);
        }
        rows
    }
}

/// Splits a file into rows, incrementally.
pub trait RowParser {
    /// Processes the next piece of the file. Fails if a header lacks required columns.
    fn feed(&mut self, piece: &[u8], rows: &mut ChunkBuilder) -> anyhow::Result<()>;

    /// Processes the end of the file, whose last line may lack the line break.
    fn finish(&mut self, rows: &mut ChunkBuilder) -> anyhow::Result<()>;

    /// The number of the current line.
    fn line(&self) -> u64;
}
