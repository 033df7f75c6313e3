//! Facts as files: one row per stored fact, made while they are read, in bounded memory.

mod body;
mod columns;
mod csv;
mod xlsx;

pub use body::TRAILERS;

use analytics_shared::period::Period;
use poem::Body;
use thiserror::Error;
use uuid::Uuid;

use crate::store::{Selection, Store, StoreError};

/// The formats of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, RFC 4180, UTF-8.
    Csv,
    /// A workbook of Microsoft Excel.
    Xlsx,
}

impl Format {
    /// The ending of file names.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// Why there is no file.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The facts could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The facts ended before all were read.
    #[error("the facts broke off")]
    BrokenOff,
    /// The workbook could not be written.
    #[error("writing a workbook failed: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The temporary file of a workbook, or the buffer of a CSV, could not be written.
    #[error("writing a file failed: {0}")]
    File(#[from] std::io::Error),
    /// The thread that writes a workbook failed.
    #[error("the writer of a workbook failed: {0}")]
    Writer(#[from] tokio::task::JoinError),
}

/// The selected facts in a file of that format.
///
/// A failure after the first bytes breaks the body off, so that nobody takes it for a whole file.
///
/// # Errors
/// When reading or writing fails before there is anything to send.
pub async fn file(
    store: &Store,
    selection: Selection,
    format: Format,
) -> Result<Body, ExportError> {
    let facts = store.stream_facts(selection).await?;
    match format {
        Format::Csv => csv::body(facts).await,
        Format::Xlsx => xlsx::body(facts).await,
    }
}

/// A name for the file: whose facts, and of which days.
#[must_use]
pub fn file_name(subject: Uuid, period: Period, format: Format) -> String {
    let (from, to) = (period.from, period.to);
    format!("analytics-{subject}-{from}-{to}.{}", format.extension())
}
