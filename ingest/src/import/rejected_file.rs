//! The file of rejected rows, which can be corrected and imported.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::input::{
    chunk::Origin,
    format::FileType,
    rejection::{RejectedRow, Rejection},
};

/// The extension of the default name.
const EXTENSION: &str = "rejected.ndjson";

/// The file of rejected rows; created with the first one.
pub struct RejectedFile {
    requested_path: PathBuf,
    created: Option<(PathBuf, BufWriter<File>)>,
}

impl RejectedFile {
    /// The file at `path`, else one that is named after the first imported file.
    pub fn new(path: Option<PathBuf>, first: &Path) -> Self {
        let default = || {
            let stem = match first.to_str() {
                Some("-") => "stdin".to_owned(),
                _ => FileType::of(first).stem.to_string_lossy().into_owned(),
            };
            PathBuf::from(format!("{stem}.{EXTENSION}"))
        };
        Self {
            requested_path: path.unwrap_or_else(default),
            created: None,
        }
    }

    /// The path of the file, if it was created.
    pub fn path(&self) -> Option<&Path> {
        self.created.as_ref().map(|(path, _)| path.as_path())
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Origin, rejection: &Rejection) -> io::Result<()> {
        let entry = RejectedRow::new(row.file(), row.line, row.text(), rejection)?;
        let file = match &mut self.created {
            Some((_, file)) => file,
            None => &mut self.created.insert(create(&self.requested_path)?).1,
        };
        serde_json::to_writer(&mut *file, &entry)?;
        file.write_all(b"\n")
    }

    /// Writes buffered rows to the file.
    pub fn flush(&mut self) -> io::Result<()> {
        self.created
            .as_mut()
            .map_or(Ok(()), |(_, file)| file.flush())
    }
}

/// Creates a file at `requested`, or with a number in its name if that exists. Rows may contain personal
/// data, so only the owner can read it.
fn create(requested: &Path) -> io::Result<(PathBuf, BufWriter<File>)> {
    let mut path = requested.to_owned();
    let mut number = 1;
    loop {
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match created {
            Ok(file) => return Ok((path, BufWriter::new(file))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                number += 1;
                path = numbered(requested, number);
            }
            Err(error) => {
                let text = format!("cannot write {}: {error}", path.display());
                return Err(io::Error::new(error.kind(), text));
            }
        }
    }
}

/// Inserts a number: `facts.rejected.ndjson` becomes `facts.rejected.2.ndjson`.
fn numbered(path: &Path, number: u32) -> PathBuf {
    match path.extension() {
        Some(extension) => path.with_extension(format!("{number}.{}", extension.to_string_lossy())),
        None => path.with_extension(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_name_gets_a_number() {
        assert_eq!(
            numbered(Path::new("a/facts.rejected.ndjson"), 2),
            Path::new("a/facts.rejected.2.ndjson")
        );
        assert_eq!(numbered(Path::new("rejected"), 3), Path::new("rejected.3"));
    }

    #[test]
    fn the_file_is_named_after_the_first_imported_file() {
        for (first, expected) in [
            ("data/facts.csv.gz", "facts.rejected.ndjson"),
            ("-", "stdin.rejected.ndjson"),
        ] {
            let file = RejectedFile::new(None, Path::new(first));
            assert_eq!(file.requested_path, Path::new(expected));
            assert!(file.path().is_none());
        }
    }
}
