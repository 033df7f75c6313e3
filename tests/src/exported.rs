//! Exported files as tables of texts, so that files of different formats can be compared.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use chrono::DateTime;
use serde_json::Value;

/// Sheets of a workbook without rows of the dataset.
const OTHER_SHEETS: [&str; 4] = ["Report", "Long texts", "By day", "Parameters"];
/// The Unix epoch as a serial date of Excel.
const EPOCH: f64 = 25_569.0;

/// The cells of a file. Times are local, in seconds; a day is its midnight.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Their cells as texts.
    pub rows: Vec<Vec<String>>,
}

impl Exported {
    /// Reads a CSV.
    ///
    /// # Panics
    /// When it is malformed.
    #[must_use]
    pub fn csv(bytes: &[u8], delimiter: u8) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_reader(bytes);
        let header = reader.headers().expect("a header");
        let header = header.iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| {
            let row = row.expect("a row");
            row.iter().map(text).collect()
        });
        let rows = rows.collect();
        Self { header, rows }
    }

    /// Reads NDJSON; the header is that of its first line.
    ///
    /// # Panics
    /// When it is malformed.
    #[must_use]
    pub fn ndjson(bytes: &[u8], header: &[String]) -> Self {
        let rows = objects(bytes).into_iter().map(|object| {
            let fields = object.as_object().expect("an object");
            assert_eq!(fields.len(), header.len(), "{object}");
            header.iter().map(|name| cell(&fields[name])).collect()
        });
        Self {
            header: header.to_vec(),
            rows: rows.collect(),
        }
    }

    /// Reads the sheets of rows of a workbook.
    ///
    /// # Panics
    /// When it is malformed, or a sheet has another header than the first.
    #[must_use]
    pub fn xlsx(bytes: &[u8]) -> Self {
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let (mut header, mut rows) = (Vec::new(), Vec::new());
        for (name, range) in workbook.worksheets() {
            if OTHER_SHEETS.contains(&name.as_str()) {
                continue;
            }
            let mut sheet = range.rows();
            let of_sheet: Vec<String> = sheet
                .next()
                .expect("a header")
                .iter()
                .map(heading)
                .collect();
            assert!(header.is_empty() || header == of_sheet, "{name}");
            header = of_sheet;
            rows.extend(sheet.map(|row| row.iter().map(shown).collect()));
        }
        Self { header, rows }
    }

    /// The cells of a column.
    ///
    /// # Panics
    /// When there is no such column.
    #[must_use]
    pub fn column(&self, name: &str) -> Vec<&str> {
        let at = self.header.iter().position(|one| one == name);
        let at = at.unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

/// The lines of NDJSON.
///
/// # Panics
/// When a line is not JSON.
#[must_use]
pub fn objects(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(string) => text(string),
        other => other.to_string(),
    }
}

/// Normalizes a text of a CSV or NDJSON file.
fn text(text: &str) -> String {
    if text.starts_with('{') {
        let value: Value = serde_json::from_str(text).expect("JSON");
        return value.to_string();
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return time.naive_local().format("%F %T").to_string();
    }
    match text.parse::<chrono::NaiveDate>() {
        Ok(day) => format!("{day} 00:00:00"),
        Err(_) => text.to_owned(),
    }
}

/// A header without the time zone in it.
fn heading(cell: &Data) -> String {
    let heading = cell.to_string();
    let name = heading.split(" (").next();
    name.unwrap_or_default().to_owned()
}

#[expect(clippy::cast_possible_truncation, reason = "a time in seconds")]
fn shown(cell: &Data) -> String {
    match cell {
        Data::DateTime(days) => {
            let seconds = ((days.as_f64() - EPOCH) * 86_400.0).round() as i64;
            let time = DateTime::from_timestamp(seconds, 0).expect("a time");
            time.naive_utc().format("%F %T").to_string()
        }
        Data::Float(number) => number.to_string(),
        Data::String(string) => text(string),
        Data::Empty => String::new(),
        other => panic!("a cell of another type: {other:?}"),
    }
}
