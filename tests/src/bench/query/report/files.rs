//! The table of the exports.

use super::Compared;
use crate::{
    bench::{
        query::files::{File, Format},
        report::{ABSENT, mebibytes, optional, seconds, whole},
    },
    form::{self, number, title},
};

const HEADER: [&str; 12] = [
    "file",
    "rows",
    "seconds",
    "rows/s",
    "files/s",
    "of COPY",
    "of baseline",
    "growth MiB",
    "service",
    "PostgreSQL",
    "client",
    "rest",
];

/// Prints the table.
pub fn table(compared: Compared) {
    title("Files of the most popular event, and CPU seconds");
    let mut rows = Vec::new();
    for file in &compared.current.files {
        let baseline = compared.baseline.map(|baseline| &baseline.files);
        let earlier = baseline.and_then(|files| find(files, file.format));
        let of_baseline = earlier.map(|one| file.lap.per_second() / one.lap.per_second());
        let name = file.format.to_string();
        rows.push(row(name, file, &compared.current.files, of_baseline));
        if let (Some(earlier), Some(files)) = (earlier, baseline) {
            rows.push(row("  baseline".to_owned(), earlier, files, None));
        }
    }
    let mut numbers = [true; 12];
    numbers[0] = false;
    form::table(HEADER, numbers, rows);
}

fn row(name: String, file: &File, files: &[File], of_baseline: Option<f64>) -> [String; 12] {
    let lap = &file.lap;
    [
        name,
        number(lap.number as u64),
        seconds(Some(lap.took.as_secs_f64())),
        number(whole(lap.per_second())),
        format!("{:.3}", 1.0 / lap.took.as_secs_f64()),
        optional(ratio(file, files), 2, ABSENT),
        optional(of_baseline, 2, ""),
        optional(file.growth_kib.map(mebibytes), 1, ABSENT),
        seconds(lap.cpu.service),
        seconds(lap.cpu.postgres),
        seconds(lap.cpu.client),
        seconds(lap.cpu.rest),
    ]
}

/// The file of a format.
pub fn find(files: &[File], format: Format) -> Option<&File> {
    files.iter().find(|file| file.format == format)
}

/// The throughput of a file relative to that of `COPY`.
pub fn ratio(file: &File, files: &[File]) -> Option<f64> {
    let copy = find(files, Format::Copy)?;
    Some(file.lap.per_second() / copy.lap.per_second())
}
