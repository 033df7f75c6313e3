//! Formats of cells.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::export::timestamp::TimestampFormat;

/// Integers up to this are exact in a cell, which holds a double.
const MAX_EXACT_INTEGER: u64 = 1 << 53;

/// The formats of cells by type.
pub(super) struct CellFormats {
    pub header: Format,
    pub time: Format,
    pub day: Format,
    pub number: Format,
}

impl CellFormats {
    pub fn new(timestamps: &TimestampFormat) -> Self {
        // A file of text that is made of the workbook has the cells as they are shown.
        let time = match timestamps {
            TimestampFormat::Utc => "yyyy-mm-dd hh:mm:ss.000\"Z\"",
            TimestampFormat::Local(_) => "yyyy-mm-dd hh:mm:ss.000",
        };
        Self {
            header: Format::new().set_bold(),
            time: Format::new().set_num_format(time),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            number: Format::new().set_num_format("0"),
        }
    }

    /// Writes an integer, as text if a number would not be exact.
    #[expect(
        clippy::cast_precision_loss,
        reason = "only exact integers are written as a number"
    )]
    pub fn write_integer(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        number: i64,
    ) -> Result<(), XlsxError> {
        if number.unsigned_abs() <= MAX_EXACT_INTEGER {
            sheet.write_number_with_format(row, column, number as f64, &self.number)?;
        } else {
            sheet.write_string(row, column, number.to_string())?;
        }
        Ok(())
    }

    pub fn write_count(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        count: u64,
    ) -> Result<(), XlsxError> {
        let number = i64::try_from(count).unwrap_or(i64::MAX);
        self.write_integer(sheet, row, column, number)
    }
}
