//! Tables and lines on standard output.

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

/// Prints a table; the last `numbers` columns are right-aligned.
#[expect(clippy::print_stdout, reason = "the output of the command")]
pub fn print<const N: usize>(
    header: [&str; N],
    numbers: usize,
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for column in N - numbers..N {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{table}");
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the output of the command")]
pub fn line(text: &str) {
    println!("{text}");
}
