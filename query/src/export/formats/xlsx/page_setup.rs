//! The set-up of printed pages.

use rust_xlsxwriter::{Worksheet, XlsxError};

/// A4 in the numbering of the format (ECMA-376, `ST_PaperSize`).
const A4: u8 = 9;
/// Margins in inches.
const MARGIN: f64 = 0.5;
const FOOTER_MARGIN: f64 = 0.3;

/// Sets paper, margins and a footer with the name of the sheet and the page.
pub(super) fn apply(sheet: &mut Worksheet) {
    sheet
        .set_paper_size(A4)
        .set_margins(
            MARGIN,
            MARGIN,
            MARGIN,
            MARGIN + 0.2,
            FOOTER_MARGIN,
            FOOTER_MARGIN,
        )
        .set_footer("&L&A&R&P / &N");
}

/// Sets up a table whose header is its first row: landscape, as wide as a page, the header on each page.
pub(super) fn apply_to_table(
    sheet: &mut Worksheet,
    last_row: u32,
    last_column: u16,
) -> Result<(), XlsxError> {
    apply(sheet);
    sheet
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_repeat_rows(0, 0)?
        // Texts that overflow the last column would widen the pages.
        .set_print_area(0, 0, last_row, last_column)?;
    Ok(())
}
