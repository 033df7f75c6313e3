//! The rejection of a row, and its entry in the file of rejected rows.

use std::io;

use analytics_shared::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::enrich::error::FactError;

/// The maximum size of a row, in bytes.
pub const MAX_ROW_BYTES: usize = 1024 * 1024;

/// The reason why a row is rejected, in the terms of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The code of the problem.
    pub code: String,
    /// The invalid field, if the problem concerns one.
    pub field: Option<String>,
    /// A description of the problem.
    pub message: String,
}

impl Rejection {
    /// An invalid value.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Problem::invalid(field, message).into()
    }

    /// A malformed row.
    pub fn malformed(field: impl Into<String>, message: impl Into<String>) -> Self {
        Problem::malformed(field, message).into()
    }

    /// A row that exceeds the maximum size.
    pub fn too_long() -> Self {
        Self::malformed("body", format!("is longer than {MAX_ROW_BYTES} bytes"))
    }

    /// A row whose values the database rejects.
    pub fn invalid_data() -> Self {
        Self {
            code: "database".to_owned(),
            field: None,
            message: "the database rejects a value".to_owned(),
        }
    }
}

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code().to_owned(),
            field: problem.field_name().map(str::to_owned),
            message: problem.message().to_owned(),
        }
    }
}

impl From<FactError> for Rejection {
    fn from(error: FactError) -> Self {
        match error {
            FactError::Invalid { field, message } => Self::invalid(field, message),
            other => Self {
                code: <&str>::from(other.reason()).to_owned(),
                field: None,
                message: other.to_string(),
            },
        }
    }
}

/// An entry of the file of rejected rows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectedRow {
    file: String,
    line: u64,
    code: String,
    field: Option<String>,
    message: String,
    /// The original row: JSON, or a text if it is not JSON; `null` if it was too long.
    row: Option<Box<RawValue>>,
}

impl RejectedRow {
    /// The entry of a row that was read from `line` of `file`.
    pub fn new(file: &str, line: u64, row: &[u8], rejection: &Rejection) -> io::Result<Self> {
        let row = match serde_json::from_slice::<Box<RawValue>>(row) {
            _ if row.is_empty() => None,
            Ok(json) => Some(json),
            Err(_) => Some(to_raw_value(&String::from_utf8_lossy(row))?),
        };
        Ok(Self {
            file: file.to_owned(),
            line,
            code: rejection.code.clone(),
            field: rejection.field.clone(),
            message: rejection.message.clone(),
            row,
        })
    }
}

/// Returns the original row of an entry, when a file of rejected rows is imported.
pub fn original_row(line: &[u8]) -> Option<Vec<u8>> {
    let entry: RejectedRow = serde_json::from_slice(line).ok()?;
    let row = entry.row?;
    match serde_json::from_str::<String>(row.get()) {
        Ok(text) => Some(text.into_bytes()),
        Err(_) => Some(row.get().as_bytes().to_vec()),
    }
}
