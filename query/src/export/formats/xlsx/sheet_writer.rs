//! Writes records to as many sheets as they need, each with a frozen header and a filter.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::{
    cell_formats::CellFormats,
    long_texts::{CellReference, LongTexts, fits},
    page_setup,
};
use crate::export::{
    formats::json::write_compact,
    job::{Dataset, ExportJob},
    language::heading,
    table::{Cell, Record, Table},
};

/// The size of the markup of a cell and of a row in a sheet, in bytes.
const CELL_BYTES: usize = 80;
const ROW_BYTES: usize = 80;
/// The height of a header with headings for readers, which may take two lines, in points.
const READER_HEADER_HEIGHT: f64 = 32.0;

/// Writes the sheets of a workbook.
pub(super) struct SheetWriter<'a, T: 'static> {
    job: &'a ExportJob,
    table: Table<T>,
    formats: CellFormats,
    rows_per_sheet: u32,
    current: Worksheet,
    /// Name of the current sheet.
    name: String,
    /// The last row of the current sheet that is written.
    row: u32,
    long_texts: LongTexts,
    written: Written,
    /// Size of the rows that were written since it was last taken, in bytes.
    bytes: usize,
}

/// Counts of what was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// Records.
    pub rows: u64,
    /// Sheets with records.
    pub sheets: u32,
    /// Texts too long for a cell.
    pub long_texts: u32,
}

impl<'a, T: Record> SheetWriter<'a, T> {
    pub fn begin(
        workbook: &mut Workbook,
        table: Table<T>,
        job: &'a ExportJob,
        rows_per_sheet: u32,
    ) -> Result<Self, XlsxError> {
        let formats = CellFormats::new(job);
        let language = job.language.unwrap_or_default();
        let name = sheet_name(job, 1);
        Ok(Self {
            current: begin_sheet(workbook, &name, &table, job, &formats)?,
            job,
            table,
            formats,
            rows_per_sheet,
            name,
            row: 0,
            long_texts: LongTexts::new(language),
            bytes: 0,
            written: Written {
                sheets: 1,
                ..Written::default()
            },
        })
    }

    pub fn write(&mut self, workbook: &mut Workbook, record: &T) -> Result<(), XlsxError> {
        if self.row == self.rows_per_sheet {
            self.next_sheet(workbook)?;
        }
        self.row += 1;
        self.written.rows += 1;
        self.bytes += ROW_BYTES + self.table.0.len() * CELL_BYTES;
        let (row, formats, sheet) = (self.row, &self.formats, &mut self.current);
        for (index, column) in (0..).zip(&self.table.0) {
            let text = match column.cell(record) {
                Cell::Empty => continue,
                Cell::Integer(number) => {
                    formats.write_integer(sheet, row, index, number)?;
                    continue;
                }
                Cell::Day(day) => {
                    let midnight = day.and_time(chrono::NaiveTime::MIN);
                    sheet.write_datetime_with_format(row, index, midnight, &formats.day)?;
                    continue;
                }
                Cell::Time(time) => {
                    let time = self.job.timestamps.to_naive(time);
                    sheet.write_datetime_with_format(row, index, time, &formats.time)?;
                    continue;
                }
                Cell::Amount(minor_units, currency) => {
                    if self.job.language.is_some() {
                        formats.write_amount(sheet, row, index, minor_units, currency)?;
                    } else {
                        formats.write_integer(sheet, row, index, minor_units)?;
                    }
                    continue;
                }
                Cell::Id(id) => id.to_string(),
                Cell::Text(text) => text.to_owned(),
                Cell::Amounts(json) if let Some(language) = self.job.language => {
                    language.amounts(json)
                }
                Cell::Json(json) | Cell::Amounts(json) => compact(json),
            };
            self.bytes += escaped_length(&text);
            let text = if fits(&text) {
                text
            } else {
                let cell = CellReference {
                    sheet: &self.name,
                    row: row + 1,
                    column: column.0,
                };
                self.long_texts.write(workbook, formats, &text, &cell)?
            };
            // As a string even if it looks like a formula, for example `=1+1`.
            sheet.write_string(row, index, text)?;
        }
        Ok(())
    }

    /// Returns the size of the rows since the last call in the temporary files, in bytes; more than they take,
    /// because empty cells are counted too.
    pub fn take_bytes(&mut self) -> u64 {
        std::mem::take(&mut self.bytes) as u64
    }

    pub fn finish(mut self, workbook: &mut Workbook) -> Result<Written, XlsxError> {
        end_sheet(&mut self.current, &self.table, self.row)?;
        workbook.push_worksheet(self.current);
        self.written.long_texts = self.long_texts.count;
        self.long_texts.finish(workbook)?;
        Ok(self.written)
    }

    fn next_sheet(&mut self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        self.written.sheets += 1;
        self.name = sheet_name(self.job, self.written.sheets);
        let (table, formats) = (&self.table, &self.formats);
        let next = begin_sheet(workbook, &self.name, table, self.job, formats)?;
        let mut full = std::mem::replace(&mut self.current, next);
        end_sheet(&mut full, &self.table, self.row)?;
        workbook.push_worksheet(full);
        self.row = 0;
        Ok(())
    }
}

/// Returns the length of a text in XML, in bytes.
fn escaped_length(text: &str) -> usize {
    let escaped = text
        .bytes()
        .filter(|byte| matches!(byte, b'&' | b'<' | b'>') || *byte < b' ');
    // For example `&amp;` and `_x0001_`.
    text.len() + escaped.count() * 6
}

/// Returns `Facts`, `Facts 2`, and so on.
fn sheet_name(job: &ExportJob, number: u32) -> String {
    let words = job.language.unwrap_or_default().words();
    let name = match job.dataset {
        Dataset::Facts => words.facts,
        Dataset::Daily => words.daily,
        Dataset::Registrations => words.registrations,
    };
    if number == 1 {
        name.to_owned()
    } else {
        format!("{name} {number}")
    }
}

fn begin_sheet<T: Record>(
    workbook: &mut Workbook,
    name: &str,
    table: &Table<T>,
    job: &ExportJob,
    formats: &CellFormats,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (index, column) in (0..).zip(&table.0) {
        sheet.set_column_width(index, column.width())?;
        let name = heading(column.0, job.language);
        // A cell has no offset. In a workbook for programs, times in UTC end with `Z`.
        let names_zone = job.language.is_some() || job.timestamps.is_local();
        let name = if column.has_times() && names_zone {
            format!("{name} ({})", job.timestamps.zone_name())
        } else {
            name.to_owned()
        };
        let format = formats.header_of(column.has_numbers());
        sheet.write_string_with_format(0, index, name, format)?;
    }
    if job.language.is_some() {
        sheet.set_row_height(0, READER_HEADER_HEIGHT)?;
    }
    Ok(sheet)
}

fn end_sheet<T>(sheet: &mut Worksheet, table: &Table<T>, last_row: u32) -> Result<(), XlsxError> {
    let last_column = u16::try_from(table.0.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last_row, last_column)?;
    page_setup::apply_to_table(sheet, last_row, last_column)
}

fn compact(json: &str) -> String {
    let mut bytes = Vec::with_capacity(json.len());
    write_compact(json, &mut bytes);
    String::from_utf8(bytes).unwrap_or_else(|_| json.to_owned())
}
