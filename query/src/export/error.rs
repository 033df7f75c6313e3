//! Errors of exports.

use thiserror::Error;

use super::{disk::DiskFull, table::InvalidColumns};
use crate::store::StoreError;

/// An error of an export.
#[derive(Debug, Error)]
pub enum ExportError {
    #[error(transparent)]
    Columns(#[from] InvalidColumns),
    /// The tenant has reached its limit of concurrent exports.
    #[error("the organization has {0} running exports, which is the limit")]
    TenantLimit(usize),
    #[error(transparent)]
    Disk(#[from] DiskFull),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the export was truncated")]
    Truncated,
    #[error("the token has expired")]
    TokenExpired,
    #[error("writing a workbook failed: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("writing a file failed: {0}")]
    File(#[from] std::io::Error),
    /// The thread that writes a workbook panicked.
    #[error("the writer of a workbook failed: {0}")]
    Writer(#[from] tokio::task::JoinError),
}
