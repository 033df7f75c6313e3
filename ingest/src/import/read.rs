//! Reading and parsing, on a thread of its own: the writers never wait for it, and it waits for them
//! where they are slower.

use std::time::Duration;

use anyhow::Context;
use tokio::{runtime::Handle, sync::mpsc, time::timeout};

use super::{
    chunk::{Chunk, Gathering},
    columns::Mapping,
    format::Format,
    lines::Lines,
    options::Delimiter,
    records::Records,
    source::Source,
};

/// How long rows wait for others where a pipe says nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads files one after the other.
pub struct Reading {
    /// The files.
    pub sources: Vec<Source>,
    /// How the columns of CSV are called.
    pub mappings: Vec<Mapping>,
    /// What stands between the cells of CSV.
    pub delimiter: Delimiter,
    /// Where rows go; nobody there means that nobody wants more.
    pub chunks: mpsc::Sender<Chunk>,
}

/// What is told apart in a file.
enum Rows {
    Lines(Lines),
    Records(Box<Records>),
}

/// Nobody wants more rows.
struct Enough;

impl Reading {
    /// Reads everything. Blocks: it has a thread of its own.
    ///
    /// # Errors
    /// When a file cannot be read to its end; the rows before that were sent.
    pub fn run(self) -> anyhow::Result<()> {
        let mut position = 0;
        for (number, source) in self.sources.iter().enumerate() {
            let mut gathering = Gathering::of(&source.name, number);
            let mut rows = self.rows(source.format);
            let read = self.read(source, &mut rows, &mut gathering, &mut position);
            // Also where reading has failed: what was read is good.
            gathering.close();
            if self.send(&mut gathering, position).is_err() {
                return Ok(());
            }
            read.with_context(|| format!("{}, line {}", source.name, rows.line()))?;
        }
        Ok(())
    }

    fn read(
        &self,
        source: &Source,
        rows: &mut Rows,
        gathering: &mut Gathering,
        position: &mut u64,
    ) -> anyhow::Result<()> {
        let runtime = Handle::current();
        let unreadable = || format!("cannot be read as {}", source.encoding);
        let mut opened = runtime.block_on(source.open())?;
        let (mut piece, before) = (Vec::new(), *position);
        loop {
            let reading = async { timeout(PATIENCE, opened.piece(&mut piece)).await };
            match runtime.block_on(reading) {
                Ok(read) => match read.with_context(unreadable)? {
                    Some(piece) => rows.feed(piece, gathering)?,
                    None => break,
                },
                Err(_) => gathering.close(),
            }
            *position = before + opened.position();
            if self.send(gathering, *position).is_err() {
                return Ok(());
            }
        }
        rows.finish(gathering)?;
        runtime.block_on(opened.end()).with_context(unreadable)
    }

    fn send(&self, gathering: &mut Gathering, position: u64) -> Result<(), Enough> {
        while let Some(chunk) = gathering.next(position) {
            self.chunks.blocking_send(chunk).map_err(|_| Enough)?;
        }
        Ok(())
    }

    fn rows(&self, format: Format) -> Rows {
        let delimiter = match format {
            Format::Ndjson => return Rows::Lines(Lines::default()),
            Format::Csv => self.delimiter.0,
            Format::Tsv => b'\t',
        };
        Rows::Records(Box::new(Records::new(delimiter, self.mappings.clone())))
    }
}

impl Rows {
    fn feed(&mut self, piece: &[u8], into: &mut Gathering) -> anyhow::Result<()> {
        match self {
            Self::Lines(lines) => {
                lines.feed(piece, into);
                Ok(())
            }
            Self::Records(records) => records.feed(piece, into),
        }
    }

    fn finish(&mut self, into: &mut Gathering) -> anyhow::Result<()> {
        match self {
            Self::Lines(lines) => {
                lines.finish(into);
                Ok(())
            }
            Self::Records(records) => records.finish(into),
        }
    }

    fn line(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.ended + 1,
            Self::Records(records) => records.line(),
        }
    }
}
