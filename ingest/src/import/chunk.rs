//! Rows that are taken together, with the text that each was read from.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use analytics_shared::http::from_json;

use super::rejected::{Rejection, row_of};
use crate::{
    enrich::{Checked, Draft},
    http::TrackRequest,
};

/// Rows of a chunk at most: enough that a writer finds full batches, few enough to be held in memory
/// several times over.
const MAX_ROWS: usize = 4_000;
/// Bytes of the text of a chunk, before its last row.
const MAX_TEXT: usize = 2 * 1024 * 1024;

/// Rows that are taken together.
#[derive(Debug)]
pub struct Chunk {
    /// What each row says.
    pub rows: Vec<Said>,
    /// Which of the files they are in.
    pub file: usize,
    /// Bytes of all files that were read until here.
    pub position: u64,
}

/// What a row says, and where.
#[derive(Debug)]
pub struct Said {
    /// Where it is.
    pub origin: Origin,
    /// What it says.
    pub said: Result<Checked, Rejection>,
}

/// Where a row was read.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The line that it begins on.
    pub line: u64,
    source: Arc<Text>,
    place: Range<usize>,
}

#[derive(Debug)]
struct Text {
    file: Arc<str>,
    bytes: Vec<u8>,
}

impl Origin {
    /// The file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// The row as it was.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.source.bytes[self.place.clone()]
    }
}

type Row = (u64, Range<usize>, Result<Checked, Rejection>);

/// Gathers the rows of one file into chunks.
#[derive(Debug)]
pub struct Gathering {
    name: Arc<str>,
    file: usize,
    text: Vec<u8>,
    rows: Vec<Row>,
    /// Chunks that are full.
    full: VecDeque<(Vec<u8>, Vec<Row>)>,
}

impl Gathering {
    /// Gathers the rows of the file with that name and number.
    #[must_use]
    pub fn of(name: &str, file: usize) -> Self {
        Self {
            name: name.into(),
            file,
            text: Vec::new(),
            rows: Vec::new(),
            full: VecDeque::new(),
        }
    }

    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.name
    }

    /// Reads the row on `line`; it is rejected if it is known already to be `wrong`.
    pub fn add(&mut self, line: u64, row: &[u8], wrong: Option<Rejection>) {
        let mut read = wrong.map_or_else(|| read(row), Err);
        let begin = self.text.len();
        match row_of(row).filter(|_| read.is_err()) {
            Some(inner) => {
                read = self::read(&inner);
                self.text.extend(inner);
            }
            None => self.text.extend_from_slice(row),
        }
        self.rows.push((line, begin..self.text.len(), read));
        if self.rows.len() >= MAX_ROWS || self.text.len() >= MAX_TEXT {
            self.close();
        }
    }

    /// No more rows go into the last chunk.
    pub fn close(&mut self) {
        if !self.rows.is_empty() {
            let (text, rows) = (
                std::mem::take(&mut self.text),
                std::mem::take(&mut self.rows),
            );
            self.full.push_back((text, rows));
        }
    }

    /// The next chunk that is full, when `position` bytes were read.
    pub fn next(&mut self, position: u64) -> Option<Chunk> {
        let (bytes, rows) = self.full.pop_front()?;
        let source = Arc::new(Text {
            file: Arc::clone(&self.name),
            bytes,
        });
        let rows = rows.into_iter().map(|(line, place, said)| Said {
            origin: Origin {
                line,
                source: Arc::clone(&source),
                place,
            },
            said,
        });
        Some(Chunk {
            rows: rows.collect(),
            file: self.file,
            position,
        })
    }

    /// All rows so far, in tests.
    #[cfg(test)]
    pub fn rows(&mut self) -> Vec<(u64, Vec<u8>)> {
        self.close();
        let mut rows = Vec::new();
        while let Some(chunk) = self.next(0) {
            let told = chunk
                .rows
                .iter()
                .map(|row| (row.origin.line, row.origin.text().to_vec()));
            rows.extend(told);
        }
        rows
    }
}

fn read(row: &[u8]) -> Result<Checked, Rejection> {
    let sent: TrackRequest = from_json(row)?;
    Ok(Checked::new(Draft::try_from(sent)?)?)
}
