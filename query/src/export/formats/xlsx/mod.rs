//! XLSX: rows go to temporary files as they come, and the workbook is sent once it is whole.
//!
//! A workbook ends with its directory, so none of it can be sent before all of it is known; in
//! return, a failure is answered as a failure.

mod by_day;
mod formats;
mod long_texts;
mod sheets;
mod summary;

use std::{
    fs::File,
    io::{Seek, SeekFrom},
};

use futures_util::TryStreamExt;
use poem::Body;
use rust_xlsxwriter::Workbook;
use tokio::runtime::Handle;
use tokio_util::{io::ReaderStream, sync::CancellationToken};

use super::{
    ExportError, Order,
    batches::Batches,
    body::{Rows, Seal, whole_or_broken_off},
    table::{Record, Table},
};
use crate::metrics;
use by_day::ByDay;
use sheets::Sheets;

/// Rows of a sheet below its header: the format has 1,048,576.
const ROWS_PER_SHEET: u32 = 1_048_575;
/// Bytes that are read from the finished file at once.
const READ_BYTES: usize = 64 * 1024;

/// The body of an XLSX file.
pub(super) async fn body<T: Record>(
    order: Order,
    table: Table<T>,
    batches: Batches<T>,
    seal: Seal,
) -> Result<Body, ExportError> {
    // A client that goes away drops this future and with it the guard; the thread sees it.
    let abandoned = CancellationToken::new();
    let guard = abandoned.clone().drop_guard();
    let rows = seal.rows.clone();
    let runtime = Handle::current();
    let file = tokio::task::spawn_blocking(move || {
        let batches = Awaited {
            batches,
            abandoned,
            runtime,
        };
        write(&order, table, batches, ROWS_PER_SHEET, &rows)
    });
    let file = file.await??;
    guard.disarm();
    let file = tokio::fs::File::from_std(file);
    let bytes = ReaderStream::with_capacity(file, READ_BYTES);
    Ok(whole_or_broken_off(bytes.map_err(ExportError::File), seal))
}

/// Batches, for a thread that waits for them as long as somebody waits for the workbook.
struct Awaited<T> {
    batches: Batches<T>,
    abandoned: CancellationToken,
    runtime: Handle,
}

impl<T> Awaited<T> {
    fn next(&mut self) -> Result<Option<Vec<T>>, ExportError> {
        let next = self.batches.try_next();
        let next = self.abandoned.run_until_cancelled(next);
        self.runtime
            .block_on(next)
            .unwrap_or(Err(ExportError::BrokenOff))
    }
}

/// Writes the workbook to a file that has no name, and so vanishes with its last handle.
fn write<T: Record>(
    order: &Order,
    table: Table<T>,
    mut batches: Awaited<T>,
    rows_per_sheet: u32,
    rows: &Rows,
) -> Result<File, ExportError> {
    let mut workbook = Workbook::new();
    let mut sheets = Sheets::begin(&mut workbook, table, order.times.clone(), rows_per_sheet)?;
    let mut by_day = ByDay::new::<T>(order.selection.period, order.clock.clone());
    while let Some(records) = batches.next()? {
        for record in &records {
            sheets.write(&mut workbook, record)?;
            by_day.add(record);
        }
        rows.add(records.len());
        metrics::exported("xlsx", records.len());
    }
    let written = sheets.end(&mut workbook)?;
    summary::add(&mut workbook, order, &written, &by_day)?;
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

#[cfg(test)]
mod tests;
