//! Formats of numbers, bars and tables in the output of demo and bench.

use std::{borrow::Cow, fmt};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::Value;

/// The length of the longest bar, in characters.
const BAR: u64 = 30;

/// Prints the title of a section.
pub fn title(text: &str) {
    println!(
        "\n── {text} {}",
        "─".repeat(96_usize.saturating_sub(text.chars().count()))
    );
}

/// Prints a table; the columns in `numbers` are right-aligned.
pub fn table<const N: usize>(
    header: [&str; N],
    numbers: [bool; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (column, _) in numbers
        .iter()
        .enumerate()
        .filter(|(_, is_number)| **is_number)
    {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{table}");
}

/// A bar with the length of `value` relative to `longest`.
pub fn bar(value: u64, longest: u64) -> String {
    let length = (value * BAR).div_ceil(longest.max(1));
    "█".repeat(usize::try_from(length).unwrap_or_default())
}

/// A shade with the darkness of `value` relative to `most`.
pub fn shade(value: u64, most: u64) -> char {
    const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];
    let at = (value * (SHADES.len() as u64 - 1)).div_ceil(most.max(1));
    let at = usize::try_from(at).unwrap_or_default();
    SHADES[at.min(SHADES.len() - 1)]
}

/// An integer of a response.
pub fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// A number with separators: 12,345.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(String::from_utf8_lossy)
        .collect();
    groups.join(",")
}

/// The same, of a response.
pub fn count(value: &Value) -> String {
    number(whole(value))
}

/// A rate of a response, in percent.
pub fn percent(value: &Value) -> String {
    value
        .as_f64()
        .map_or("–".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

/// A text of a response.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or("–").to_owned()
}

/// The entries of a list of a response.
pub fn entries(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// An amount of a response: 190.00 EUR.
pub fn money(revenue: &Value) -> String {
    let cents = whole(&revenue["amountCents"]);
    let (whole, rest) = (number(cents / 100), cents % 100);
    format!("{whole}.{rest:02} {}", text(&revenue["currency"]))
}

/// A progress bar over `length` steps with their rate, in the columns of `template`.
///
/// # Panics
/// When the template is invalid.
#[must_use]
pub fn progress(template: &str, name: impl Into<Cow<'static, str>>, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("a template");
    // `{per_sec}` would have four decimals.
    let style = style.with_key(
        "rate",
        |state: &ProgressState, text: &mut dyn fmt::Write| {
            let _ = write!(text, "{:.0}/s", state.per_sec());
        },
    );
    ProgressBar::new(length as u64)
        .with_prefix(name)
        .with_style(style)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let written: Vec<_> = [0, 999, 1_000, 1_234_567].map(number).into();
        assert_eq!(written, ["0", "999", "1,000", "1,234,567"]);
        let revenue = json!({"currency": "EUR", "amountCents": 123_456_705});
        assert_eq!(money(&revenue), "1,234,567.05 EUR");
    }

    #[test]
    fn what_is_not_nothing_has_a_bar() {
        assert_eq!(bar(0, 0), "");
        assert_eq!(bar(1, 1_000).chars().count(), 1);
        assert_eq!(bar(7, 7).chars().count(), 30);
        assert_eq!(
            [0, 1, 99, 100].map(|value| shade(value, 100)),
            ['·', '░', '█', '█']
        );
        assert_eq!(shade(0, 0), '·');
    }
}
