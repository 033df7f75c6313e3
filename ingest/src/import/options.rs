//! The arguments of the command `import`.

use std::path::PathBuf;

use analytics_shared::config::{CalendarConfig, DatabaseConfig, LogConfig};
use chrono::format::StrftimeItems;
use chrono_tz::Tz;
use clap::Args;
use uuid::Uuid;

use super::input::{
    field::{FieldDefault, Mapping},
    format::Format,
    preset::Preset,
    row::RowOptions,
    times::TimeOptions,
};
use crate::config::WriterConfig;

/// The description of the command in `--help`.
pub const HELP: &str = "\
Store the facts of files, each once: importing a file again stores nothing twice.

NDJSON contains one fact per line with the fields of `POST /track`. CSV begins with a header line. A column \
is imported if its name is a field (`eventType` or `event_type`), a known property (`source`, \
`visitorId`, `ticketTypeId`, `amountCents`, …), `properties.NAME`, or `properties` (a JSON object); other \
columns are mapped with --map. Empty cells are ignored. In CSV, quotation marks enclose cells as in RFC 4180; in \
TSV they are characters. Files with JSON arrays, and texts in UTF-16, are read as well.

Files may be compressed with gzip, zstd, bzip2, xz or as a ZIP archive of one file, which is recognized by the \
content, or with Brotli (.br) or zlib (.zz).

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
    /// `--map properties.seat=Seat`. Can be repeated; several columns of one field are joined, for example a day
    /// and a time.
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    pub mappings: Vec<Mapping>,

    /// The value of a field in rows that have none: `--set eventType=registration.completed`,
    /// `--set eventId=ID`. Can be repeated.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub defaults: Vec<FieldDefault>,

    /// The columns of an attendee list that another tool has exported in English. Its rows are
    /// registrations, unless --set names another event type; rows with another status are rejected.
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,

    /// The time zone of times without an offset: `Europe/Berlin`. Without it, such times are rejected.
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<Tz>,

    /// The format of times, in the notation of `strftime`: `%d.%m.%Y %H:%M`, `%m/%d/%Y %I:%M %p`. ISO 8601 is read
    /// in any case.
    #[arg(long, value_name = "FORMAT", value_parser = date_format)]
    pub date_format: Option<String>,

    /// The delimiter of CSV: one character, or `tab`. By default that of a first line such as `sep=;`, else the
    /// most frequent of `,`, `;`, tab and `|` in the header.
    #[arg(long, value_parser = delimiter)]
    pub delimiter: Option<u8>,

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

/// Checks a format of `strftime`, which must contain a day.
fn date_format(text: &str) -> Result<String, String> {
    let items = StrftimeItems::new(text).parse_to_owned();
    items.map_err(|_| "is not a format such as `%d.%m.%Y %H:%M`".to_owned())?;
    Ok(text.to_owned())
}

impl ImportConfig {
    /// Returns the options for rows.
    pub fn row_options(&self) -> RowOptions {
        // The first default of a field applies.
        let event_type = self.preset.map(|_| Preset::event_type());
        RowOptions {
            mappings: self.mappings.clone(),
            preset: self.preset,
            defaults: self.defaults.iter().cloned().chain(event_type).collect(),
            times: TimeOptions {
                zone: self.timezone,
                format: self.date_format.clone(),
            },
        }
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
    fn a_date_format_is_one_of_strftime() {
        assert!(date_format("%d.%m.%Y %H:%M").is_ok());
        assert!(date_format("%Q").is_err());
    }
}
