//! Rows in CSV and TSV.
//!
//! A record that spans lines and does not fit the header is a sign of an unbalanced quotation mark: its first
//! line is rejected, and the other lines are read again, each as the beginning of a record.

mod cells;
mod columns;

use std::{collections::VecDeque, sync::Arc};

use anyhow::ensure;

use super::{
    chunk::{ChunkBuilder, RowParser},
    lines::{Line, Lines},
    rejection::{MAX_ROW_BYTES, Rejection},
    row::RowOptions,
};
use cells::{CellSplitter, RecordState, declared_delimiter, detect_delimiter};
use columns::Columns;

/// The delimiter and quoting of a file.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The delimiter; detected from the header if it is not set.
    pub delimiter: Option<u8>,
    /// Whether quotation marks enclose cells.
    pub is_quoted: bool,
}

/// The rows of a file.
#[derive(Debug)]
pub struct CsvRows {
    lines: Lines,
    records: Records,
}

/// The records of a file.
#[derive(Debug)]
struct Records {
    dialect: Dialect,
    options: Arc<RowOptions>,
    /// Set by the first line.
    splitter: Option<CellSplitter>,
    /// Set by the header.
    columns: Option<Columns>,
    /// The lines of the current record, if it spans lines, and their size in bytes.
    open: Vec<Line>,
    open_bytes: usize,
}

impl CsvRows {
    /// The rows of a file in this dialect.
    pub fn new(dialect: Dialect, options: Arc<RowOptions>) -> Self {
        Self {
            lines: Lines::default(),
            records: Records {
                dialect,
                options,
                splitter: None,
                columns: None,
                open: Vec::new(),
                open_bytes: 0,
            },
        }
    }
}

impl RowParser for CsvRows {
    fn feed(&mut self, piece: &[u8], rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        let Self { lines, records } = self;
        lines.feed(piece, |line| records.add_line(line, rows))
    }

    fn finish(&mut self, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        let Self { lines, records } = self;
        lines.finish(|line| records.add_line(line, rows))?;
        while !records.open.is_empty() {
            let again = records.reject_first_line(None, rows)?;
            records.add_again(again, rows)?;
        }
        Ok(())
    }

    fn line(&self) -> u64 {
        self.lines.complete + 1
    }
}

impl Records {
    fn add_line(&mut self, line: &Line, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        let again = self.take_line(line, rows)?;
        self.add_again(again, rows)
    }

    fn add_again(&mut self, again: Vec<Line>, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        let mut lines = VecDeque::from(again);
        while let Some(line) = lines.pop_front() {
            let again = self.take_line(&line, rows)?;
            for line in again.into_iter().rev() {
                lines.push_front(line);
            }
        }
        Ok(())
    }

    /// Adds a line to the current record. Returns lines that have to be added again.
    fn take_line(&mut self, line: &Line, rows: &mut ChunkBuilder) -> anyhow::Result<Vec<Line>> {
        if line.is_too_long {
            ensure!(self.columns.is_some(), "the header is too long");
            if self.open.is_empty() {
                rows.add(line.number, &[], Some(Rejection::too_long()));
                return Ok(Vec::new());
            }
            return self.reject_first_line(Some(line), rows);
        }
        if self.open.is_empty() && matches!(line.text[..], [] | [b'\r' | b'\n', ..]) {
            return Ok(Vec::new());
        }
        let splitter = match &mut self.splitter {
            Some(splitter) => splitter,
            None => match declared_delimiter(&line.text) {
                Some(declared) => {
                    self.dialect.delimiter = Some(declared);
                    return Ok(Vec::new());
                }
                None => self.splitter.insert(self.dialect.splitter(&line.text)),
            },
        };
        let state = splitter.add(&line.text);
        let is_open = !self.open.is_empty();
        let (cells, width) = (
            splitter.complete_cells(),
            self.columns.as_ref().map(|it| it.width),
        );
        let has_other_width = width.is_some_and(|width| cells != width);
        let is_too_wide = width.is_some_and(|width| cells > width);
        self.open_bytes += line.text.len();
        match state {
            RecordState::Complete if is_open && has_other_width => {
                self.reject_first_line(Some(line), rows)
            }
            RecordState::Complete => self.add_record(line, rows).map(|()| Vec::new()),
            RecordState::Open if !is_too_wide && self.open_bytes <= MAX_ROW_BYTES => {
                self.open.push(line.clone());
                Ok(Vec::new())
            }
            RecordState::Open | RecordState::Broken => self.reject_first_line(Some(line), rows),
        }
    }

    /// Rejects the first line of the current record, whose last line is `line`, and returns the others.
    fn reject_first_line(
        &mut self,
        line: Option<&Line>,
        rows: &mut ChunkBuilder,
    ) -> anyhow::Result<Vec<Line>> {
        ensure!(
            self.columns.is_some(),
            "the header has an unbalanced quotation mark"
        );
        let mut lines = std::mem::take(&mut self.open);
        lines.extend(line.cloned());
        self.begin_record();
        let first = lines.remove(0);
        let message = "has an unbalanced quotation mark";
        let rejection = Rejection::malformed("body", message);
        rows.add(first.number, first.text.trim_ascii_end(), Some(rejection));
        Ok(lines)
    }

    /// Adds the current record, which ends with `line`.
    fn add_record(&mut self, line: &Line, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        let number = self.open.first().unwrap_or(line).number;
        let cells = self
            .splitter
            .as_ref()
            .map(CellSplitter::cells)
            .unwrap_or_default();
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
        let is_blank = cells.iter().all(|cell| cell.iter().all(is_space));
        match &self.columns {
            // Spreadsheets end a file with such lines.
            _ if is_blank => {}
            None => {
                let header = cells
                    .iter()
                    .map(|name| String::from_utf8_lossy(name).into_owned());
                let columns = Columns::new(&header.collect::<Vec<_>>(), &self.options)?;
                if !columns.ignored.is_empty() {
                    let columns = columns.ignored.join(", ");
                    tracing::info!(file = rows.file(), columns, "ignored columns");
                }
                self.columns = Some(columns);
            }
            Some(columns) => {
                let (json, rejection) = columns.to_json(&cells);
                rows.add(number, json.to_string().as_bytes(), rejection);
            }
        }
        self.begin_record();
        Ok(())
    }

    fn begin_record(&mut self) {
        self.open.clear();
        self.open_bytes = 0;
        if let Some(splitter) = &mut self.splitter {
            splitter.clear();
        }
    }
}

impl Dialect {
    fn splitter(self, header: &[u8]) -> CellSplitter {
        let delimiter = self.delimiter.unwrap_or_else(|| detect_delimiter(header));
        CellSplitter::new(delimiter, self.is_quoted)
    }
}

#[cfg(test)]
mod tests;
