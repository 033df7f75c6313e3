//! XLSX workbooks. A workbook ends with its directory, so it is written to a temporary file and sent when it is
//! complete; a failure is therefore reported as an error.

mod cell_formats;
mod daily_series;
mod long_texts;
mod sheet_writer;
mod summary;
mod workbook;

pub use workbook::workbook_body;
