//! The sheets of records: as many as they need, each with a frozen header and a filter.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::{
    formats::Formats,
    long_texts::{LongTexts, Place, fits},
};
use crate::export::{
    json::compact,
    table::{Cell, Record, Table},
    times::Times,
};

/// Whole numbers up to this are exact in a cell.
const EXACT: u64 = 1 << 53;

/// Sheets that are being written.
pub(super) struct Sheets<T: 'static> {
    table: Table<T>,
    times: Times,
    formats: Formats,
    rows_per_sheet: u32,
    current: Worksheet,
    /// The name of the current sheet.
    name: String,
    /// The last row of the current sheet that is written.
    row: u32,
    long_texts: LongTexts,
    written: Written,
}

/// What has been written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// Records.
    pub rows: u64,
    /// Sheets of them.
    pub sheets: u32,
    /// Texts that no cell holds.
    pub long_texts: u32,
}

impl<T: Record> Sheets<T> {
    /// Begins the first sheet.
    pub fn begin(
        workbook: &mut Workbook,
        table: Table<T>,
        times: Times,
        rows_per_sheet: u32,
    ) -> Result<Self, XlsxError> {
        let formats = Formats::new();
        let name = sheet_name(T::DATASET, 1);
        Ok(Self {
            current: begin_sheet(workbook, &name, &table, &times, &formats)?,
            table,
            times,
            formats,
            rows_per_sheet,
            name,
            row: 0,
            long_texts: LongTexts::default(),
            written: Written {
                sheets: 1,
                ..Written::default()
            },
        })
    }

    /// Writes a record.
    pub fn write(&mut self, workbook: &mut Workbook, record: &T) -> Result<(), XlsxError> {
        if self.row == self.rows_per_sheet {
            self.next_sheet(workbook)?;
        }
        self.row += 1;
        self.written.rows += 1;
        for (index, column) in (0..).zip(&self.table.0) {
            let (row, formats) = (self.row, &self.formats);
            let text = match (column.cell)(record) {
                Cell::Nothing => continue,
                Cell::Whole(number) => {
                    write_whole(&mut self.current, row, index, number, formats)?;
                    continue;
                }
                Cell::Day(day) => {
                    let day = day.and_time(chrono::NaiveTime::MIN);
                    self.current
                        .write_datetime_with_format(row, index, day, &formats.day)?;
                    continue;
                }
                Cell::Time(time) => {
                    let shown = self.times.shows(time);
                    self.current
                        .write_datetime_with_format(row, index, shown, &formats.time)?;
                    continue;
                }
                Cell::Id(id) => id.to_string(),
                Cell::Text(text) => text.to_owned(),
                Cell::Json(json) => compacted(json),
            };
            let shown = if fits(&text) {
                text
            } else {
                let place = Place {
                    sheet: &self.name,
                    row: row + 1,
                    column: column.name,
                };
                self.long_texts.write(workbook, formats, &text, &place)?
            };
            // As a text whatever it looks like: `=1+1` is not a formula.
            self.current.write_string(row, index, shown)?;
        }
        Ok(())
    }

    /// Ends the last sheet.
    pub fn end(mut self, workbook: &mut Workbook) -> Result<Written, XlsxError> {
        filter(&mut self.current, &self.table, self.row)?;
        workbook.push_worksheet(self.current);
        self.written.long_texts = self.long_texts.count;
        self.long_texts.end(workbook);
        Ok(self.written)
    }

    fn next_sheet(&mut self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        self.written.sheets += 1;
        self.name = sheet_name(T::DATASET, self.written.sheets);
        let next = begin_sheet(
            workbook,
            &self.name,
            &self.table,
            &self.times,
            &self.formats,
        )?;
        let mut full = std::mem::replace(&mut self.current, next);
        filter(&mut full, &self.table, self.row)?;
        workbook.push_worksheet(full);
        self.row = 0;
        Ok(())
    }
}

/// `Facts`, `Facts 2`, and so on.
fn sheet_name(dataset: &str, number: u32) -> String {
    let (first, rest) = dataset.split_at(1);
    let name = first.to_uppercase() + rest;
    if number == 1 {
        name
    } else {
        format!("{name} {number}")
    }
}

fn begin_sheet<T: Record>(
    workbook: &mut Workbook,
    name: &str,
    table: &Table<T>,
    times: &Times,
    formats: &Formats,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (index, column) in (0..).zip(&table.0) {
        let is_id = column.name.ends_with("Id") || column.name == "id";
        sheet.set_column_width(index, if is_id { 38 } else { 22 })?;
        let name = match times {
            // A cell holds no offset, so the column says whose clock it was.
            Times::Local(clock) if column.has_times => {
                format!("{} ({})", column.name, clock.zone())
            }
            _ => column.name.to_owned(),
        };
        sheet.write_string_with_format(0, index, name, &formats.header)?;
    }
    Ok(sheet)
}

fn filter<T>(sheet: &mut Worksheet, table: &Table<T>, last_row: u32) -> Result<(), XlsxError> {
    let last_column = u16::try_from(table.0.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last_row, last_column)?;
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only what is exact is written as a number"
)]
fn write_whole(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    number: i64,
    formats: &Formats,
) -> Result<(), XlsxError> {
    if number.unsigned_abs() <= EXACT {
        sheet.write_number_with_format(row, column, number as f64, &formats.number)?;
    } else {
        sheet.write_string(row, column, number.to_string())?;
    }
    Ok(())
}

fn compacted(json: &str) -> String {
    let mut bytes = Vec::with_capacity(json.len());
    compact(json, &mut bytes);
    String::from_utf8(bytes).unwrap_or_else(|_| json.to_owned())
}
