//! The grid of the report: equal columns, of which entries take several.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use crate::export::{
    formats::xlsx::{
        cell_formats::{COUNT_FORMAT, number_of_amount, number_of_count},
        long_texts::shorten,
    },
    language::{Language, Words},
};

/// Columns of the grid.
pub const COLUMNS: u16 = 9;
/// Width of a column, in pixels.
const COLUMN_WIDTH: u32 = 79;
/// Width of all columns, in pixels.
pub const TABLE_WIDTH: u32 = COLUMN_WIDTH * COLUMNS as u32;
/// Characters of the title on one line.
const TITLE_LINE: usize = 44;
const TITLE_LINES: usize = 3;
const TITLE_LINE_HEIGHT: f64 = 30.0;
/// Heights of rows, in points.
const SECTION_HEIGHT: f64 = 22.0;
const VALUE_HEIGHT: f64 = 30.0;
const RATE_FORMAT: &str = "0.0%";
/// The longest name of an entry, in UTF-16 code units.
const MAX_NAME_UNITS: usize = 200;

const TEXT_COLOR: Color = Color::RGB(0x1c_20_2b);
const QUIET_COLOR: Color = Color::RGB(0x5b_63_70);
const LINE_COLOR: Color = Color::RGB(0xd5_d9_e0);
const HEADER_COLOR: Color = Color::RGB(0xf0_f2_f6);

/// A value of the report.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Text(&'a str),
    Count(u64),
    /// A ratio; a dash if it is unknown.
    Rate(Option<f64>),
    /// An amount in minor units, and its currency.
    Money(i64, &'a str),
}

/// Writes the report from top to bottom.
pub struct Grid<'a> {
    pub sheet: &'a mut Worksheet,
    pub language: Language,
    pub words: &'static Words,
    /// The next row.
    pub row: u32,
}

impl<'a> Grid<'a> {
    pub fn begin(sheet: &'a mut Worksheet, language: Language) -> Result<Self, XlsxError> {
        for column in 0..COLUMNS {
            sheet.set_column_width_pixels(column, COLUMN_WIDTH)?;
        }
        Ok(Self {
            sheet,
            language,
            words: language.words(),
            row: 0,
        })
    }

    pub fn skip_row(&mut self) {
        self.row += 1;
    }

    /// Writes the title, on as many lines as it needs.
    pub fn write_title(&mut self, title: &str) -> Result<(), XlsxError> {
        let title = shorten(title, TITLE_LINE * TITLE_LINES);
        let lines = title.chars().count().div_ceil(TITLE_LINE).max(1);
        let height = TITLE_LINE_HEIGHT * f64::from(u32::try_from(lines).unwrap_or(1));
        let format = text_format()
            .set_font_size(20)
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter);
        self.sheet.set_row_height(self.row, height)?;
        self.write_text(0, COLUMNS, &title, &format)?;
        self.row += 1;
        Ok(())
    }

    /// Writes a line with a name and a text.
    pub fn write_fact(&mut self, name: &str, text: &str) -> Result<(), XlsxError> {
        let quiet = text_format().set_font_color(QUIET_COLOR);
        self.write_text(0, 2, name, &quiet)?;
        self.write_text(2, COLUMNS - 2, text, &text_format())?;
        self.row += 1;
        Ok(())
    }

    /// Writes the title of a section.
    pub fn write_section(&mut self, title: &str) -> Result<(), XlsxError> {
        let format = text_format().set_font_size(13).set_bold();
        self.sheet.set_row_height(self.row, SECTION_HEIGHT)?;
        self.write_text(0, COLUMNS, title, &format)?;
        self.row += 1;
        Ok(())
    }

    /// Writes a quiet line.
    pub fn write_note(&mut self, text: &str) -> Result<(), XlsxError> {
        let format = text_format().set_font_color(QUIET_COLOR).set_font_size(10);
        self.write_text(0, COLUMNS, text, &format)?;
        self.row += 1;
        Ok(())
    }

    /// Writes a metric at a column: its name, and below it its value. The row stays.
    pub fn write_metric(
        &mut self,
        column: u16,
        span: u16,
        name: &str,
        value: Value<'_>,
    ) -> Result<(), XlsxError> {
        let name_format = text_format()
            .set_font_color(QUIET_COLOR)
            .set_font_size(10)
            .set_border_top(FormatBorder::Thin)
            .set_border_color(LINE_COLOR);
        self.write_text(column, span, name, &name_format)?;
        let format = Format::new()
            .set_font_color(TEXT_COLOR)
            .set_font_size(18)
            .set_bold()
            .set_align(FormatAlign::Left)
            .set_align(FormatAlign::VerticalCenter)
            .set_shrink();
        self.row += 1;
        self.sheet.set_row_height(self.row, VALUE_HEIGHT)?;
        self.write_value(column, span, value, &format)?;
        self.row -= 1;
        Ok(())
    }

    /// Writes the headings of a table; the first is that of texts, the others are those of numbers.
    pub fn write_headings<const N: usize>(
        &mut self,
        spans: [u16; N],
        headings: [&str; N],
    ) -> Result<(), XlsxError> {
        let mut column = 0;
        for (index, (span, heading)) in spans.into_iter().zip(headings).enumerate() {
            let align = if index == 0 {
                FormatAlign::Left
            } else {
                FormatAlign::Right
            };
            let format = text_format()
                .set_align(align)
                .set_bold()
                .set_font_size(10)
                .set_background_color(HEADER_COLOR)
                .set_shrink();
            self.write_text(column, span, heading, &format)?;
            column += span;
        }
        self.row += 1;
        Ok(())
    }

    /// Writes a row of a table.
    pub fn write_row<const N: usize>(
        &mut self,
        spans: [u16; N],
        values: [Value<'_>; N],
    ) -> Result<(), XlsxError> {
        let mut column = 0;
        for (span, value) in spans.into_iter().zip(values) {
            let align = match value {
                Value::Text(_) => FormatAlign::Left,
                _ => FormatAlign::Right,
            };
            let format = text_format()
                .set_align(align)
                .set_shrink()
                .set_border_bottom(FormatBorder::Thin)
                .set_border_color(LINE_COLOR);
            self.write_value(column, span, value, &format)?;
            column += span;
        }
        self.row += 1;
        Ok(())
    }

    fn write_value(
        &mut self,
        column: u16,
        span: u16,
        value: Value<'_>,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let (number, number_format) = match value {
            Value::Text(text) => {
                let text = shorten(text, MAX_NAME_UNITS);
                return self.write_text(column, span, &text, format);
            }
            Value::Rate(rate) => (rate.ok_or_else(|| "–".to_owned()), RATE_FORMAT),
            Value::Count(count) => (number_of_count(count), COUNT_FORMAT),
            Value::Money(minor_units, currency) => number_of_amount(minor_units, currency),
        };
        let number = match number {
            Ok(number) => number,
            Err(text) => return self.write_text(column, span, &text, format),
        };
        let format = format.clone().set_num_format(number_format);
        self.write_text(column, span, "", &format)?;
        self.sheet
            .write_number_with_format(self.row, column, number, &format)?;
        Ok(())
    }

    /// Writes a text over several columns, as a string even if it looks like a formula.
    fn write_text(
        &mut self,
        column: u16,
        span: u16,
        text: &str,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let row = self.row;
        if span > 1 {
            let last = column + span - 1;
            self.sheet
                .merge_range(row, column, row, last, text, format)?;
        } else {
            self.sheet
                .write_string_with_format(row, column, text, format)?;
        }
        Ok(())
    }
}

fn text_format() -> Format {
    Format::new()
        .set_font_color(TEXT_COLOR)
        .set_align(FormatAlign::Left)
        .set_align(FormatAlign::VerticalCenter)
}
