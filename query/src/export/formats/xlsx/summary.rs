//! The last sheet: what the file is about, and how it spreads over the days.

use chrono::NaiveTime;
use rust_xlsxwriter::{Chart, ChartType, Workbook, Worksheet, XlsxError};

use super::{by_day::ByDay, formats::Formats, long_texts, sheets::Written};
use crate::export::{Dataset, Order};

/// The sheet's name.
const SHEET: &str = "Summary";
/// Pixels of the chart.
const WIDTH: u32 = 900;
const HEIGHT: u32 = 400;

/// Adds the sheet, after all others: who reads a file by program finds its rows on the first.
pub(super) fn add(
    workbook: &mut Workbook,
    order: &Order,
    written: &Written,
    by_day: &ByDay,
) -> Result<(), XlsxError> {
    let formats = Formats::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(SHEET)?.set_column_width(0, 26)?;
    let mut row = 0;
    for (name, text) in about(order) {
        sheet.write_string_with_format(row, 0, name, &formats.header)?;
        sheet.write_string(row, 1, text)?;
        row += 1;
    }
    let mut numbers = vec![
        ("Rows", written.rows),
        ("Sheets of rows", written.sheets.into()),
    ];
    if written.long_texts > 0 {
        numbers.push(("Texts longer than a cell", written.long_texts.into()));
        sheet.write_string(
            row + 2,
            2,
            format!("they are whole in the sheet {}", long_texts::SHEET),
        )?;
    }
    for (name, number) in numbers {
        sheet.write_string_with_format(row, 0, name, &formats.header)?;
        write_count(sheet, row, 1, number, &formats)?;
        row += 1;
    }
    draw(sheet, row + 1, by_day, &formats)
}

/// What was asked for.
fn about(order: &Order) -> Vec<(&'static str, String)> {
    let selection = &order.selection;
    let all = |names: Option<&Vec<String>>| {
        names.map_or_else(|| "all".to_owned(), |names| names.join(", "))
    };
    let event = selection.event_id.map(|id| id.to_string());
    let mut about = vec![
        ("Dataset", order.dataset.name().to_owned()),
        ("Organization", selection.tenant_id.to_string()),
        ("Event", event.unwrap_or_else(|| "all".to_owned())),
        ("First day", selection.period.from.to_string()),
        ("Last day", selection.period.to.to_string()),
        ("Time zone of days", selection.zone.name().to_owned()),
        ("Time zone of times", order.times.name().to_owned()),
        ("Columns", all(order.columns.as_ref())),
    ];
    if let Dataset::Facts { event_types } = &order.dataset {
        about.push(("Event types", all(event_types.as_ref())));
    }
    about.push(("Made at", order.times.text(order.at)));
    about
}

/// A table by day from `top` on, and its chart beside it.
fn draw(
    sheet: &mut Worksheet,
    top: u32,
    by_day: &ByDay,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(top, 0, "date", &formats.header)?;
    let mut row = top;
    for (day, figures) in &by_day.days {
        row += 1;
        let midnight = day.and_time(NaiveTime::MIN);
        sheet.write_datetime_with_format(row, 0, midnight, &formats.day)?;
        for (column, &figure) in (1..).zip(figures) {
            write_count(sheet, row, column, figure, formats)?;
        }
    }
    let mut chart = Chart::new(ChartType::Column);
    chart.title().set_name("By day");
    chart.set_width(WIDTH).set_height(HEIGHT);
    for (column, &name) in (1..).zip(&by_day.names) {
        sheet.write_string_with_format(top, column, name, &formats.header)?;
        chart
            .add_series()
            .set_name((SHEET, top, column))
            .set_categories((SHEET, top + 1, 0, row, 0))
            .set_values((SHEET, top + 1, column, row, column));
    }
    let beside = u16::try_from(by_day.names.len() + 2).unwrap_or(u16::MAX);
    sheet.insert_chart(top, beside, &chart)?;
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no file has as many rows as a cell cannot count"
)]
fn write_count(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    count: u64,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.write_number_with_format(row, column, count as f64, &formats.number)?;
    Ok(())
}
