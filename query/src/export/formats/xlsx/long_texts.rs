//! Texts that are too long for a cell: the cell has the beginning and refers to a sheet with the whole
//! text, in parts.

use std::borrow::Cow;

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::{cell_formats::CellFormats, page_setup};
use crate::export::language::Language;

/// The capacity of a cell, in UTF-16 code units.
pub(super) const MAX_CELL_UNITS: usize = 32_767;
const HEADER: [&str; 5] = ["sheet", "row", "column", "part", "text"];
const LAST_COLUMN: u16 = 4;

/// The sheet of long texts, created with the first one.
pub(super) struct LongTexts {
    language: Language,
    sheet: Option<Worksheet>,
    /// The last row that is written.
    row: u32,
    pub count: u32,
}

/// The cell of a long text.
pub(super) struct CellReference<'a> {
    pub sheet: &'a str,
    /// Row number from 1.
    pub row: u32,
    pub column: &'static str,
}

/// Returns whether a text fits in a cell.
pub(super) fn fits(text: &str) -> bool {
    text.len() <= MAX_CELL_UNITS || text.encode_utf16().count() <= MAX_CELL_UNITS
}

impl LongTexts {
    pub fn new(language: Language) -> Self {
        Self {
            language,
            sheet: None,
            row: 0,
            count: 0,
        }
    }

    /// Writes a text in parts; returns the text of its cell.
    pub fn write(
        &mut self,
        workbook: &mut Workbook,
        formats: &CellFormats,
        text: &str,
        cell: &CellReference<'_>,
    ) -> Result<String, XlsxError> {
        let sheet = match &mut self.sheet {
            Some(sheet) => sheet,
            none => none.insert(begin(workbook, formats, self.language)?),
        };
        self.count += 1;
        let first_row = self.row + 2;
        let mut rest = text;
        let mut part = 0;
        while !rest.is_empty() {
            let (text, more) = rest.split_at(prefix_length(rest, MAX_CELL_UNITS));
            (rest, part) = (more, part + 1);
            self.row += 1;
            sheet.write_string(self.row, 0, cell.sheet)?;
            sheet.write_number(self.row, 1, cell.row)?;
            sheet.write_string(self.row, 2, cell.column)?;
            sheet.write_number(self.row, 3, part)?;
            sheet.write_string(self.row, 4, text)?;
        }
        let mark = self.language.continuation(first_row);
        let capacity = MAX_CELL_UNITS - mark.encode_utf16().count();
        Ok(format!("{}{mark}", &text[..prefix_length(text, capacity)]))
    }

    /// Adds the sheet to the workbook, if there are long texts.
    pub fn finish(self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        if let Some(mut sheet) = self.sheet {
            page_setup::apply_to_table(&mut sheet, self.row, LAST_COLUMN)?;
            workbook.push_worksheet(sheet);
        }
        Ok(())
    }
}

fn begin(
    workbook: &mut Workbook,
    formats: &CellFormats,
    language: Language,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    let name = language.words().long_texts;
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(HEADER) {
        sheet.write_string_with_format(0, column, name, &formats.header)?;
    }
    Ok(sheet)
}

/// Returns a text of at most `units` UTF-16 code units, which ends with `…` if it is shortened.
pub(super) fn shorten(text: &str, units: usize) -> Cow<'_, str> {
    if text.encode_utf16().count() <= units {
        return text.into();
    }
    let prefix = &text[..prefix_length(text, units.saturating_sub(1))];
    format!("{prefix}…").into()
}

/// Returns the length in bytes of the longest prefix of at most `units` UTF-16 code units.
fn prefix_length(text: &str, mut units: usize) -> usize {
    let end = text.char_indices().find(|(_, character)| {
        let fits = character.len_utf16() <= units;
        units = units.saturating_sub(character.len_utf16());
        !fits
    });
    end.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_divided_between_characters_and_never_within_one() {
        assert_eq!(prefix_length("abc", 2), 2);
        assert_eq!(prefix_length("abc", 9), 3);
        // A character of two units and four bytes.
        assert_eq!(prefix_length("a😀b", 2), 1);
        assert_eq!(prefix_length("a😀b", 3), 5);
        assert_eq!(shorten("a😀b", 4), "a😀b");
        assert_eq!(shorten("a😀bc", 4), "a😀…");
    }
}
