//! What can be said on the command line.

use std::{path::PathBuf, str::FromStr};

use analytics_shared::config::{CalendarConfig, DatabaseConfig, LogConfig};
use clap::Args;
use uuid::Uuid;

use super::{
    columns::{Field, Mapping},
    format::Format,
};
use crate::config::WriterConfig;

/// What `--help` says of the command.
pub const HELP: &str = "\
Store the facts of files, each exactly once: run it again, and nothing is stored twice.

NDJSON has one fact per line with the fields of `POST /track`. CSV begins with a header line; \
columns that are named like a field (`eventType` or `event_type`), like a known property \
(`source`, `visitorId`, `ticketTypeId`, `amountCents`, …), `properties.NAME`, or `properties` (a JSON \
object) are taken, and other names are given with --map. Empty cells are absent. The endings .gz, \
.zst, .br and .zz say how a file is compressed.

Every fact needs `createdAt`, or a UUIDv7 as `id`. One without an id is told again by what it says: \
equal rows of one file are different facts, and a row of two files is one. For this some 20 to 40 \
bytes are remembered of each such row of a file.

A fact belongs to the tenant of its registered event, else to its `tenantId`, else to --tenant. Name \
files with registrations before those with their check-ins and payments, which take attendee, ticket \
type and source from them.

Ends with 0 if every fact is stored, with 3 if rows were rejected, with 1 if the import failed, and \
with 130 if it was stopped: the same command goes on.";

/// Files, and how to read them.
#[derive(Args, Clone, Debug)]
pub struct ImportConfig {
    /// Files to import, in this order; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// What the files hold, where their names do not say it (.ndjson, .jsonl, .json, .csv, .tsv).
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Take a field of CSV from a column of another name: `--map created_at=timestamp`,
    /// `--map properties.seat=Seat`. Can be given many times.
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    pub mappings: Vec<Mapping>,

    /// What stands between the cells of CSV: one character, or `tab`.
    #[arg(long, default_value = ",")]
    pub delimiter: Delimiter,

    /// The organization of rows that name none, where the event is not registered.
    #[arg(long, value_name = "ID")]
    pub tenant: Option<Uuid>,

    /// Where rejected rows go, with the reason of each: it may hold personal data. Corrected, it can
    /// be imported itself. No file is overwritten: if it exists, a number is added to the name. The
    /// default is the name of the first file with `.rejected.ndjson`, in the working directory.
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

/// What stands between the cells of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(pub u8);

impl FromStr for Delimiter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            b"tab" | b"\\t" => Ok(Self(b'\t')),
            [b'"' | b'\r' | b'\n'] => Err("stands for something else in CSV"),
            [byte] if byte.is_ascii() => Ok(Self(*byte)),
            _ => Err("must be one ASCII character, or `tab`"),
        }
    }
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (field, column) = text
            .split_once('=')
            .ok_or("must be FIELD=COLUMN, for example `created_at=timestamp`")?;
        let field = Field::named(field).ok_or_else(|| {
            format!("`{field}` is no field; a property of your own is `properties.{field}`")
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
        assert_eq!(";".parse(), Ok(Delimiter(b';')));
        assert_eq!("tab".parse(), Ok(Delimiter(b'\t')));
        for text in ["", ";;", "\"", "\n", "§"] {
            assert!(text.parse::<Delimiter>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_mapping_names_a_field_and_a_column() {
        let mapping: Mapping = "created_at=When, exactly".parse().unwrap();
        assert_eq!(mapping.field, Field::Top("createdAt"));
        assert_eq!(mapping.column, "When, exactly");
        assert!("timestamp".parse::<Mapping>().is_err());
        let error = "seat=Seat".parse::<Mapping>().unwrap_err();
        assert!(error.contains("properties.seat"), "{error}");
    }
}
