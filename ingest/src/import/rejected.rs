//! Rows that cannot be imported, each with the reason, in a file that can be corrected and imported.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use analytics_shared::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{chunk::Origin, format::Named};
use crate::enrich::Refusal;

/// What is added to the name of the first file.
const ENDING: &str = "rejected.ndjson";

/// Why a row is rejected, in the words of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The kind of problem, for programs.
    pub code: String,
    /// The field that is wrong.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl Rejection {
    /// A value that cannot be accepted.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Problem::invalid(field, message).into()
    }

    /// A row that cannot be read at all.
    pub fn unreadable(field: impl Into<String>, message: impl Into<String>) -> Self {
        Problem::malformed(field, message).into()
    }

    /// A row whose values the database refuses.
    pub fn by_database() -> Self {
        Self {
            code: "database".to_owned(),
            field: None,
            message: "the database refuses a value".to_owned(),
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

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid { field, message } => Self::invalid(field, message),
            other => Self {
                code: other.reason().to_owned(),
                field: None,
                message: other.to_string(),
            },
        }
    }
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    line: u64,
    code: String,
    field: Option<String>,
    message: String,
    /// The row as it was: JSON where it is JSON, else a text; nothing where it was too long.
    row: Option<Box<RawValue>>,
}

/// The row of a line that we wrote ourselves, when rejected rows are imported.
pub fn row_of(line: &[u8]) -> Option<Vec<u8>> {
    let entry: Entry = serde_json::from_slice(line).ok()?;
    let row = entry.row?;
    match serde_json::from_str::<String>(row.get()) {
        Ok(text) => Some(text.into_bytes()),
        Err(_) => Some(row.get().as_bytes().to_vec()),
    }
}

/// The file of rejected rows; it is made when there is one.
pub struct RejectedFile {
    wanted: PathBuf,
    made: Option<(PathBuf, BufWriter<File>)>,
}

impl RejectedFile {
    /// The file at `wanted`, else one that is named by the first file that is imported.
    #[must_use]
    pub fn new(wanted: Option<PathBuf>, first: &Path) -> Self {
        let by_name = || {
            let stem = match first.to_str() {
                Some("-") => "stdin".to_owned(),
                _ => Named::of(first).stem.to_string_lossy().into_owned(),
            };
            PathBuf::from(format!("{stem}.{ENDING}"))
        };
        Self {
            wanted: wanted.unwrap_or_else(by_name),
            made: None,
        }
    }

    /// Where it is, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.made.as_ref().map(|(path, _)| path.as_path())
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, row: &Origin, why: &Rejection) -> io::Result<()> {
        let text = row.text();
        let raw = match serde_json::from_slice::<Box<RawValue>>(text) {
            _ if text.is_empty() => None,
            Ok(json) => Some(json),
            Err(_) => Some(to_raw_value(&String::from_utf8_lossy(text))?),
        };
        let entry = Entry {
            file: row.file().to_owned(),
            line: row.line,
            code: why.code.clone(),
            field: why.field.clone(),
            message: why.message.clone(),
            row: raw,
        };
        let file = match &mut self.made {
            Some((_, file)) => file,
            None => &mut self.made.insert(make(&self.wanted)?).1,
        };
        serde_json::to_writer(&mut *file, &entry)?;
        file.write_all(b"\n")
    }

    /// Makes sure that what was added is in the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.made.as_mut().map_or(Ok(()), |(_, file)| file.flush())
    }
}

/// A new file at `wanted`, or beside it if there is one: nothing is overwritten. Rows may be
/// personal, so it is its owner's alone.
fn make(wanted: &Path) -> io::Result<(PathBuf, BufWriter<File>)> {
    let mut path = wanted.to_owned();
    let mut number = 1;
    loop {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match made {
            Ok(file) => return Ok((path, BufWriter::new(file))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                number += 1;
                path = numbered(wanted, number);
            }
            Err(error) => {
                let text = format!("cannot write {}: {error}", path.display());
                return Err(io::Error::new(error.kind(), text));
            }
        }
    }
}

/// `facts.rejected.ndjson` as `facts.rejected.2.ndjson`.
fn numbered(path: &Path, number: u32) -> PathBuf {
    match path.extension() {
        Some(ending) => path.with_extension(format!("{number}.{}", ending.to_string_lossy())),
        None => path.with_extension(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        assert_eq!(
            numbered(Path::new("a/facts.rejected.ndjson"), 2),
            Path::new("a/facts.rejected.2.ndjson")
        );
        assert_eq!(numbered(Path::new("rejected"), 3), Path::new("rejected.3"));
    }

    #[test]
    fn the_file_is_named_by_the_first_one_that_is_imported() {
        for (first, expected) in [
            ("data/facts.csv.gz", "facts.rejected.ndjson"),
            ("-", "stdin.rejected.ndjson"),
        ] {
            let file = RejectedFile::new(None, Path::new(first));
            assert_eq!(file.wanted, Path::new(expected));
            assert!(file.path().is_none());
        }
    }
}
