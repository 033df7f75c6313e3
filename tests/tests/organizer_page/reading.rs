//! Figures of the API as the page writes them, and the cells of its tables.

use serde_json::Value;

/// The tables of all charts.
pub const TABLES: &str = "table=time,funnel,door,hours";

/// A number as the page shows it; the figures of these tests have at most three digits.
pub fn shown(value: &Value) -> String {
    value.to_string()
}

/// A rate as the page shows it.
pub fn percent(rate: &Value) -> String {
    let Some(rate) = rate.as_f64() else {
        return "–".to_owned();
    };
    let rounded = format!("{:.1}", rate * 100.0);
    format!("{}%", rounded.strip_suffix(".0").unwrap_or(&rounded))
}

/// A field of all entries, as the page shows it.
pub fn column<'a>(rows: &'a Value, name: &'a str) -> impl Iterator<Item = String> + 'a {
    rows.as_array()
        .unwrap()
        .iter()
        .map(move |row| shown(&row[name]))
}

/// The cells of a column, without its heading.
pub fn cells(table: &[Vec<String>], at: usize) -> Vec<String> {
    table[1..].iter().map(|row| row[at].clone()).collect()
}

/// The fields of an object, as the page shows them.
pub fn fields<const N: usize>(object: &Value, names: [&str; N]) -> [String; N] {
    names.map(|name| shown(&object[name]))
}
