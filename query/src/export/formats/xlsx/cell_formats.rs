//! Formats of cells, and the numbers of cells, which hold a double.

use rust_xlsxwriter::{Color, Format, FormatAlign, Worksheet, XlsxError};

use crate::export::{
    job::ExportJob,
    money::{MAX_DECIMAL_PLACES, decimal_places, to_decimal},
    timestamp::TimestampFormat,
};

/// Integers up to this are exact in a cell.
const MAX_EXACT_INTEGER: u64 = 1 << 53;
/// The number format of counts for readers.
pub(super) const COUNT_FORMAT: &str = "#,##0";
/// The number format of amounts, by decimal places.
const AMOUNT_FORMATS: [&str; MAX_DECIMAL_PLACES + 1] =
    ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000", "#,##0.0000"];
const HEADER_COLOR: Color = Color::RGB(0xf0_f2_f6);

/// The formats of cells by type.
pub(super) struct CellFormats {
    pub header: Format,
    /// The header of a column of numbers.
    number_header: Format,
    pub time: Format,
    pub day: Format,
    pub number: Format,
    /// Amounts, by decimal places.
    amounts: [Format; MAX_DECIMAL_PLACES + 1],
}

impl CellFormats {
    pub fn new(job: &ExportJob) -> Self {
        // A file of text that is made of a workbook has the cells as they are shown, so a workbook for programs
        // has milliseconds and no separators.
        let (time, day, number) = match (job.language, &job.timestamps) {
            (Some(language), _) => (language.time_format(), language.day_format(), COUNT_FORMAT),
            (None, TimestampFormat::Utc) => ("yyyy-mm-dd hh:mm:ss.000\"Z\"", "yyyy-mm-dd", "0"),
            (None, TimestampFormat::Local(_)) => ("yyyy-mm-dd hh:mm:ss.000", "yyyy-mm-dd", "0"),
        };
        let number_format = |code: &str| Format::new().set_num_format(code);
        let header = Format::new().set_bold();
        let header = match job.language {
            Some(_) => header
                .set_background_color(HEADER_COLOR)
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter),
            None => header,
        };
        Self {
            number_header: header.clone().set_align(FormatAlign::Right),
            header,
            time: number_format(time).set_align(FormatAlign::Left),
            day: number_format(day).set_align(FormatAlign::Left),
            number: number_format(number),
            amounts: AMOUNT_FORMATS.map(number_format),
        }
    }

    pub fn header_of(&self, has_numbers: bool) -> &Format {
        if has_numbers {
            &self.number_header
        } else {
            &self.header
        }
    }

    /// Writes an integer, as text if a number would not be exact.
    pub fn write_integer(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        number: i64,
    ) -> Result<(), XlsxError> {
        match exact(number) {
            Some(number) => sheet.write_number_with_format(row, column, number, &self.number)?,
            None => sheet.write_string(row, column, number.to_string())?,
        };
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

    /// Writes an amount in the units of its currency, as text if a number would not be exact.
    pub fn write_amount(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        minor_units: i64,
        currency: &str,
    ) -> Result<(), XlsxError> {
        let format = &self.amounts[decimal_places(currency)];
        match number_of_amount(minor_units, currency).0 {
            Ok(number) => sheet.write_number_with_format(row, column, number, format)?,
            Err(text) => sheet.write_string(row, column, text)?,
        };
        Ok(())
    }
}

/// Returns the number of a cell with an amount, in the units of its currency, and its format.
///
/// # Errors
/// Returns the amount as text if a number would not be exact.
pub(super) fn number_of_amount(
    minor_units: i64,
    currency: &str,
) -> (Result<f64, String>, &'static str) {
    let places = decimal_places(currency);
    let divisor = 10_f64.powi(i32::try_from(places).unwrap_or_default());
    let number = exact(minor_units).map(|number| number / divisor);
    (
        number.ok_or_else(|| to_decimal(minor_units, places)),
        AMOUNT_FORMATS[places],
    )
}

/// Returns the number of a cell with a count.
///
/// # Errors
/// Returns the count as text if a number would not be exact.
pub(super) fn number_of_count(count: u64) -> Result<f64, String> {
    let number = i64::try_from(count).ok().and_then(exact);
    number.ok_or_else(|| count.to_string())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only exact integers are converted"
)]
fn exact(number: i64) -> Option<f64> {
    (number.unsigned_abs() <= MAX_EXACT_INTEGER).then_some(number as f64)
}
