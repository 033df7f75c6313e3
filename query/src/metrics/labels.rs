//! The values of labels, all of which are registered at the start.

use poem::http::StatusCode;
use strum_macros::{EnumIter, IntoStaticStr};

/// The tables that a statement reads.
#[derive(Clone, Copy, Debug, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ReadSource {
    Rollup,
    Facts,
}

/// The problem code of a request that exceeds a share or a limit.
#[derive(Clone, Copy, Debug, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RejectionCode {
    TooManyReads,
    TooManyStreams,
    TooManyExports,
    TooManyAttempts,
    TooManyPasswords,
    ReadTooLarge,
    WorkbookTooLarge,
}

/// The end of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ExportOutcome {
    /// The whole file was sent.
    Complete,
    /// The client disconnected before.
    Cancelled,
    /// The token expired before.
    Expired,
    /// The request exceeds a limit of its organization, or is invalid (4xx).
    Rejected,
    /// The service or the database failed, before the file (5xx) or within it.
    Failed,
}

impl ExportOutcome {
    /// The outcome of an export that was answered with a problem of this status.
    pub fn of_problem(status: StatusCode) -> Self {
        if status.is_client_error() {
            Self::Rejected
        } else {
            Self::Failed
        }
    }
}
