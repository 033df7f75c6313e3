//! Texts that no cell holds: the cell has the beginning and says where the whole is, in parts, on a
//! sheet of its own.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::formats::Formats;

/// UTF-16 units that a cell holds.
pub(super) const UNITS_PER_CELL: usize = 32_767;
/// The sheet's name.
pub(super) const SHEET: &str = "Long texts";
const HEADER: [&str; 5] = ["sheet", "row", "column", "part", "text"];

/// The sheet, once it is needed.
#[derive(Default)]
pub(super) struct LongTexts {
    sheet: Option<Worksheet>,
    /// The last row that is written.
    row: u32,
    /// How many texts there are.
    pub count: u32,
}

/// Where a text belongs.
pub(super) struct Place<'a> {
    pub sheet: &'a str,
    /// As people count rows.
    pub row: u32,
    pub column: &'static str,
}

/// Whether a cell holds it.
pub(super) fn fits(text: &str) -> bool {
    text.len() <= UNITS_PER_CELL || text.encode_utf16().count() <= UNITS_PER_CELL
}

impl LongTexts {
    /// Writes a text in parts; returns what its cell shows.
    pub fn write(
        &mut self,
        workbook: &mut Workbook,
        formats: &Formats,
        text: &str,
        place: &Place<'_>,
    ) -> Result<String, XlsxError> {
        let sheet = match &mut self.sheet {
            Some(sheet) => sheet,
            none => none.insert(begin(workbook, formats)?),
        };
        self.count += 1;
        let first_row = self.row + 2;
        let mut rest = text;
        let mut part = 0;
        while !rest.is_empty() {
            let (text, more) = rest.split_at(beginning(rest, UNITS_PER_CELL));
            (rest, part) = (more, part + 1);
            self.row += 1;
            sheet.write_string(self.row, 0, place.sheet)?;
            sheet.write_number(self.row, 1, place.row)?;
            sheet.write_string(self.row, 2, place.column)?;
            sheet.write_number(self.row, 3, part)?;
            sheet.write_string(self.row, 4, text)?;
        }
        let mark = format!(" … (the whole text is in the sheet {SHEET}, from row {first_row})");
        let room = UNITS_PER_CELL - mark.encode_utf16().count();
        Ok(format!("{}{mark}", &text[..beginning(text, room)]))
    }

    /// The sheet, if there are such texts.
    pub fn end(self, workbook: &mut Workbook) {
        if let Some(sheet) = self.sheet {
            workbook.push_worksheet(sheet);
        }
    }
}

fn begin(workbook: &mut Workbook, formats: &Formats) -> Result<Worksheet, XlsxError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(SHEET)?.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(HEADER) {
        sheet.write_string_with_format(0, column, name, &formats.header)?;
    }
    Ok(sheet)
}

/// Bytes of the longest beginning of so many UTF-16 units at most.
fn beginning(text: &str, mut units: usize) -> usize {
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
        assert_eq!(beginning("abc", 2), 2);
        assert_eq!(beginning("abc", 9), 3);
        // A character of two units and four bytes.
        assert_eq!(beginning("a😀b", 2), 1);
        assert_eq!(beginning("a😀b", 3), 5);
    }
}
