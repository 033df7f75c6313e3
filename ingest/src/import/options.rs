//! The arguments of the command `import`.

use std::{path::PathBuf, str::FromStr};

use analytics_shared::config::{CalendarConfig, DatabaseConfig, LogConfig};
use clap::Args;
use uuid::Uuid;

use super::input::{
    columns::{Field, Mapping},
    format::Format,
};
use crate::config::WriterConfig;

/// The description of the command in `--help`.
pub const HELP: &str = "\
Store the facts of files, each once: importing a file again stores nothing twice.

NDJSON contains one fact per line with the fields of `POST /track`. CSV begins with a header line. A column \
is imported if its name is a field (`eventType` or `event_type`), a known property (`source`, \
`visitorId`, `ticketTypeId`, `amountCents`, …), `properties.NAME`, or `properties` (a JSON object); other \
columns are mapped with --map. Empty cells are ignored. The extensions .gz, .zst, .br and .zz indicate the \
compression of a file.

Every fact requires `createdAt`, or a UUIDv7 as `id`. A fact without an id is identified by its content: \
equal rows of one file are different facts, and equal rows of two files are the same fact. This takes 20 to 40 \
bytes of memory per such row of a file.

A fact belongs to the tenant of its registered event, else to its `tenantId`, else to --tenant. Import files \
with registrations before those with their check-ins and payments, which take attendee, ticket type and \
source from them.

Exit codes: 0 if every fact is stored, 3 if rows were rejected, 1 if the import failed, and 130 if it was \
interrupted; the same command then continues it.";

/// The arguments of the command `import`.
#[derive(Args, Clone, Debug)]
pub struct ImportConfig {
    /// The files to import, in this order; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// The format of files without a known extension (.ndjson, .jsonl, .json, .csv, .tsv).
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Import a field from a CSV column with another name: `--map created_at=timestamp`,
    /// `--map properties.seat=Seat`. Can be repeated.
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    pub mappings: Vec<Mapping>,

    /// The delimiter of CSV: one character, or `tab`.
    #[arg(long, default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,

    /// The organization of rows that name none and whose event is not registered.
    #[arg(long, value_name = "ID")]
    pub tenant: Option<Uuid>,

    /// The file for rejected rows and their reasons, which may contain personal data. It can be corrected and
    /// imported. If it exists, a number is added to the name. By default the name of the first file
    /// with the extension `.rejected.ndjson`, in the working directory.
    #[arg(long, value_name = "FILE")]
    pub rejected: Option<PathBuf>,

    /// Database.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// Days.
    #[command(flatten)]
    pub calendar: CalendarConfig,
    /// Writers.
    #[command(flatten)]
    pub writer: WriterConfig,
    /// Logs.
    #[command(flatten)]
    pub log: LogConfig,
}

fn delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [b'"' | b'\r' | b'\n'] => Err("has another meaning in CSV"),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err("must be one ASCII character, or `tab`"),
    }
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (field, column) = text
            .split_once('=')
            .ok_or("must be FIELD=COLUMN, for example `created_at=timestamp`")?;
        let field = Field::from_name(field).ok_or_else(|| {
            format!("`{field}` is not a field; a custom property is `properties.{field}`")
        })?;
        let column = column.to_owned();
        Ok(Self { field, column })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_one_character() {
        assert_eq!(delimiter(";"), Ok(b';'));
        assert_eq!(delimiter("tab"), Ok(b'\t'));
        for text in ["", ";;", "\"", "\n", "§"] {
            assert!(delimiter(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_mapping_names_a_field_and_a_column() {
        let mapping: Mapping = "created_at=When, exactly".parse().unwrap();
        assert_eq!(mapping.field, Field::Fact("createdAt"));
        assert_eq!(mapping.column, "When, exactly");
        assert!("timestamp".parse::<Mapping>().is_err());
        let error = "seat=Seat".parse::<Mapping>().unwrap_err();
        assert!(error.contains("properties.seat"), "{error}");
    }
}
