//! XLSX workbooks. A workbook ends with its directory, so it is written to a temporary file and sent when it is
//! complete; a failure is therefore reported as an error.

mod cell_formats;
mod day_sheet;
mod long_texts;
mod page_setup;
mod parameter_sheet;
mod report_sheet;
mod sheet_writer;
mod workbook;

pub use workbook::workbook_body;
