//! A spreadsheet program, `LibreOffice` Calc, that opens files and saves them in other formats.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The format of CSV.
pub const CSV: &str = "csv:Text - txt - csv (StarCalc):44,34,76";
/// The format of CSV for the second sheet, with the cells as they are shown.
const CSV_OF_SECOND_SHEET: &str =
    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,2";
/// The format of printed pages.
pub const PDF: &str = "pdf";

/// Opens a file and saves it in `folder`; returns the path.
///
/// # Panics
/// When the program fails.
#[must_use]
pub fn convert(file: &Path, folder: &Path, format: &str) -> PathBuf {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/libreoffice");
    let output = Command::new(program)
        .args(["--convert-to", format, "--outdir"])
        .args([folder, file])
        .output()
        .expect("dev/libreoffice runs");
    assert!(output.status.success(), "{output:?}");
    let extension = format.split(':').next().expect("an extension");
    let name = file.with_extension(extension);
    folder.join(name.file_name().expect("a file"))
}

/// Saves the rows of an exported workbook as CSV, as a person does who selects their sheet; returns the path.
///
/// # Panics
/// When the program fails.
#[must_use]
pub fn save_rows_as_csv(workbook: &Path, folder: &Path, sheet: &str) -> PathBuf {
    let path = convert(workbook, folder, CSV_OF_SECOND_SHEET);
    let stem = path.file_stem().expect("a file").to_string_lossy();
    path.with_file_name(format!("{stem}-{sheet}.csv"))
}
