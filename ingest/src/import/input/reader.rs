//! Reading and parsing, on a thread of their own: the writers never wait for it, and it waits for them if they
//! are slower.

use std::time::Duration;

use anyhow::Context;
use tokio::{runtime::Handle, sync::mpsc, time::timeout};

use super::{
    chunk::{Chunk, ChunkBuilder, RowParser},
    columns::Mapping,
    csv::CsvRecords,
    format::Format,
    ndjson::NdjsonLines,
    source::Source,
};

/// The time after which the rows of an idle pipe are sent, although their chunk is not full.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// Reads the files in order.
pub struct FileReader {
    /// The files.
    pub sources: Vec<Source>,
    /// The mappings of CSV columns.
    pub mappings: Vec<Mapping>,
    /// The delimiter of CSV.
    pub delimiter: u8,
    /// The receiver of the rows; reading ends when it is closed.
    pub chunks: mpsc::Sender<Chunk>,
}

/// The importer no longer receives chunks.
struct ReceiverClosed;

impl FileReader {
    /// Reads all files. Blocks the thread. Fails if a file cannot be read to its end; the rows before that
    /// were sent.
    pub fn run(self) -> anyhow::Result<()> {
        let mut position = 0;
        for (number, source) in self.sources.iter().enumerate() {
            let mut rows = ChunkBuilder::new(&source.name, number);
            let mut parser = self.parser(source.format);
            let read = self.read(source, &mut *parser, &mut rows, &mut position);
            // Also after an error: the rows before it are valid.
            rows.complete_chunk();
            if self.send(&mut rows, position).is_err() {
                return Ok(());
            }
            read.with_context(|| format!("{}, line {}", source.name, parser.line()))?;
        }
        Ok(())
    }

    fn read(
        &self,
        source: &Source,
        parser: &mut dyn RowParser,
        rows: &mut ChunkBuilder,
        position: &mut u64,
    ) -> anyhow::Result<()> {
        let runtime = Handle::current();
        let unreadable = || format!("cannot be read as {}", source.encoding);
        let mut open = runtime.block_on(source.open())?;
        let (mut buffer, start) = (Vec::new(), *position);
        loop {
            let reading = async { timeout(IDLE_TIMEOUT, open.piece(&mut buffer)).await };
            match runtime.block_on(reading) {
                Ok(read) => match read.with_context(unreadable)? {
                    Some(piece) => parser.feed(piece, rows)?,
                    None => break,
                },
                Err(_) => rows.complete_chunk(),
            }
            *position = start + open.position();
            if self.send(rows, *position).is_err() {
                return Ok(());
            }
        }
        parser.finish(rows)?;
        runtime.block_on(open.finish()).with_context(unreadable)
    }

    fn send(&self, rows: &mut ChunkBuilder, position: u64) -> Result<(), ReceiverClosed> {
        while let Some(chunk) = rows.next(position) {
            self.chunks
                .blocking_send(chunk)
                .map_err(|_| ReceiverClosed)?;
        }
        Ok(())
    }

    fn parser(&self, format: Format) -> Box<dyn RowParser> {
        let delimiter = match format {
            Format::Ndjson => return Box::new(NdjsonLines::default()),
            Format::Csv => self.delimiter,
            Format::Tsv => b'\t',
        };
        Box::new(CsvRecords::new(delimiter, self.mappings.clone()))
    }
}
