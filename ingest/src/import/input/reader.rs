//! Reading and parsing, on a thread of their own: the writers never wait for it, and it waits for them if they
//! are slower.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{runtime::Handle, sync::mpsc, time::timeout};

use super::{
    chunk::{Chunk, ChunkBuilder, RowParser},
    csv::{CsvRows, Dialect},
    file::InputFile,
    format::Format,
    json::JsonRows,
    row::RowOptions,
};

/// The time after which the rows of an idle pipe are sent, although their chunk is not full.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// Reads the files in order.
pub struct FileReader {
    /// The files.
    pub files: Vec<InputFile>,
    /// The options for rows.
    pub options: Arc<RowOptions>,
    /// The delimiter of CSV, if it is not detected.
    pub delimiter: Option<u8>,
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
        for (number, file) in self.files.iter().enumerate() {
            let options = Arc::clone(&self.options);
            let mut rows = ChunkBuilder::new(&file.name, number, file.format, options);
            let mut parser = self.parser(file.format);
            let read = self.read(file, &mut *parser, &mut rows, &mut position);
            // Also after an error: the rows before it are valid.
            rows.complete_chunk();
            if self.send(&mut rows, position).is_err() {
                return Ok(());
            }
            let line = parser.line();
            read.with_context(|| {
                let before = line - 1;
                format!(
                    "{}, line {line}: {before} lines were read before",
                    file.name
                )
            })?;
        }
        Ok(())
    }

    fn read(
        &self,
        file: &InputFile,
        parser: &mut dyn RowParser,
        rows: &mut ChunkBuilder,
        position: &mut u64,
    ) -> anyhow::Result<()> {
        let runtime = Handle::current();
        let mut open = runtime.block_on(file.open())?;
        let start = *position;
        loop {
            let reading = async { timeout(IDLE_TIMEOUT, open.piece()).await };
            match runtime.block_on(reading) {
                Ok(read) => match read? {
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
        parser.finish(rows)
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
        let dialect = match format {
            Format::Ndjson => return Box::new(JsonRows::default()),
            Format::Csv => Dialect {
                delimiter: self.delimiter,
                is_quoted: true,
            },
            Format::Tsv => Dialect {
                delimiter: Some(b'\t'),
                is_quoted: false,
            },
        };
        Box::new(CsvRows::new(dialect, Arc::clone(&self.options)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::Index};

    use super::*;
    use crate::{
        enrich::imported::{TenantLookup, occurrence::Occurrences},
        tests::{fuzz_body, fuzz_config, fuzz_text},
    };

    const HEADER: &str = "eventType,createdAt,id,eventId,tenantId,source,visitorId,amountCents,robot,properties,properties.x\n";

    /// A file whose rows have the columns of [`HEADER`], and some that have not.
    fn csv_file() -> impl Strategy<Value = Vec<u8>> {
        let cell = (fuzz_text(), any::<bool>()).prop_map(|(text, is_quoted)| {
            if is_quoted {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text
            }
        });
        vec(vec(cell, 0..13), 0..4).prop_map(|rows| {
            let rows = rows.into_iter().map(|cells| cells.join(","));
            let rows: Vec<String> = rows.collect();
            [HEADER, &rows.join("\n")].concat().into_bytes()
        })
    }

    /// Reads a file in pieces, and assembles the facts of its rows.
    fn import(mut parser: impl RowParser, file: &[u8], cuts: &[Index]) -> anyhow::Result<usize> {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(file.len() + 1)).collect();
        cuts.extend([0, file.len()]);
        cuts.sort_unstable();
        let mut rows = ChunkBuilder::for_tests();
        for cut in cuts.windows(2) {
            parser.feed(&file[cut[0]..cut[1]], &mut rows)?;
        }
        parser.finish(&mut rows)?;
        rows.complete_chunk();
        let now = "2026-11-23T12:00:00Z".parse()?;
        let (mut read, mut occurrences) = (0, Occurrences::default());
        while let Some(chunk) = rows.next(0) {
            read += chunk.rows.len();
            for row in chunk.rows {
                // Invalid rows are rejected, each on its own.
                if let Ok(row) = row.parsed {
                    let _ = row.assemble(&TenantLookup::default(), &mut occurrences, now);
                }
            }
        }
        Ok(read)
    }

    proptest! {
        #![proptest_config(fuzz_config())]
        #[test]
        fn a_random_file_is_read_to_its_end(
            csv in csv_file(), ndjson in vec(fuzz_body(), 0..4), cuts in vec(any::<Index>(), 0..4)
        ) {
            let dialect = Dialect { delimiter: Some(b','), is_quoted: true };
            let records = || CsvRows::new(dialect, Arc::default());
            prop_assert!(import(records(), &csv, &cuts).is_ok());
            // A file may be an array without an end, which is an error after its rows.
            let _ = import(JsonRows::default(), &ndjson.join(&b'\n'), &cuts);
            // A file without the required columns is refused as a whole.
            let _ = import(records(), &ndjson.join(&b'\n'), &cuts);
        }
    }
}
