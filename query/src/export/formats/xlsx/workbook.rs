//! Writes a workbook to a temporary file.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use futures_util::TryStreamExt;
use poem::Body;
use rust_xlsxwriter::{DocProperties, Workbook};
use tokio::runtime::Handle;
use tokio_util::{io::ReaderStream, sync::CancellationToken};

use super::{day_sheet, parameter_sheet, report_sheet, sheet_writer::SheetWriter};
use crate::{
    export::{
        batches::Batches,
        disk::{BudgetedFile, DiskUse},
        error::ExportError,
        job::ExportJob,
        table::{Record, Table},
        trailers::{TrailerState, body_with_trailers},
    },
    metrics,
};

/// Rows of a sheet below its header: the format allows 1,048,576 in total.
const ROWS_PER_SHEET: u32 = 1_048_575;
/// Chunk size of the body, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

pub async fn workbook_body<T: Record>(
    job: ExportJob,
    table: Table<T>,
    batches: Batches<T>,
    mut trailers: TrailerState,
    mut disk: DiskUse,
) -> Result<Body, ExportError> {
    // A client that disconnects drops this future and the guard, which cancels the thread.
    let cancelled = CancellationToken::new();
    let guard = cancelled.clone().drop_guard();
    let rows = trailers.rows.clone();
    let runtime = Handle::current();
    let file = tokio::task::spawn_blocking(move || {
        let batches = blocking(batches, cancelled, runtime);
        let file = write(&job, table, batches, ROWS_PER_SHEET, &rows, &mut disk)?;
        Ok::<_, ExportError>((file, disk))
    });
    let (file, disk) = file.await??;
    guard.disarm();
    let file = tokio::fs::File::from_std(file);
    let chunks = ReaderStream::with_capacity(file, CHUNK_BYTES);
    trailers.disk = Some(disk);
    Ok(body_with_trailers(
        chunks.map_err(ExportError::File),
        trailers,
    ))
}

/// Returns a function that waits for the next batch on a blocking thread, until it is cancelled.
fn blocking<T>(
    mut batches: Batches<T>,
    cancelled: CancellationToken,
    runtime: Handle,
) -> impl FnMut() -> Result<Option<Vec<T>>, ExportError> {
    move || {
        let next = cancelled.run_until_cancelled(batches.try_next());
        let next = runtime.block_on(next);
        next.unwrap_or(Err(ExportError::Truncated))
    }
}

/// Writes the workbook to an unnamed file, which is deleted with its last handle.
fn write<T: Record>(
    job: &ExportJob,
    table: Table<T>,
    mut next_batch: impl FnMut() -> Result<Option<Vec<T>>, ExportError>,
    rows_per_sheet: u32,
    rows: &AtomicU64,
    disk: &mut DiskUse,
) -> Result<File, ExportError> {
    let mut workbook = Workbook::new();
    if let Some(figures) = &job.figures {
        // Not the current time, so that a workbook of the same facts has the same bytes.
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&figures.as_of));
        report_sheet::add(&mut workbook, job, figures)?;
    }
    let mut sheets = SheetWriter::begin(&mut workbook, table, job, rows_per_sheet)?;
    while let Some(records) = next_batch()? {
        for record in &records {
            sheets.write(&mut workbook, record)?;
        }
        disk.add(sheets.take_bytes())?;
        rows.fetch_add(records.len() as u64, Relaxed);
        metrics::count_exported_rows("xlsx", records.len());
    }
    let written = sheets.finish(&mut workbook)?;
    if let Some(figures) = &job.figures {
        day_sheet::add(&mut workbook, job, &figures.by_day)?;
    }
    parameter_sheet::add(&mut workbook, job, &written)?;
    let mut file = BudgetedFile::new(tempfile::tempfile()?, disk);
    let saved = workbook.save_to_writer(&mut file);
    if let Some(full) = file.full {
        return Err(full.into());
    }
    saved?;
    let mut file = file.file;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

#[cfg(test)]
mod tests;
