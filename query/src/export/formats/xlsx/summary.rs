//! The last sheet: the parameters of the export, and a chart of the records by day. It is the last one because
//! programs read the rows from the first sheet.

use chrono::NaiveTime;
use rust_xlsxwriter::{Chart, ChartType, Workbook, Worksheet, XlsxError};

use super::{
    cell_formats::CellFormats, daily_series::DailySeries, long_texts, sheet_writer::Written,
};
use crate::export::job::{Dataset, ExportJob};

/// Name of the sheet.
const SHEET: &str = "Summary";
/// Size of the chart, in pixels.
const CHART_WIDTH: u32 = 900;
const CHART_HEIGHT: u32 = 400;

pub(super) fn add(
    workbook: &mut Workbook,
    job: &ExportJob,
    written: &Written,
    series: &DailySeries,
) -> Result<(), XlsxError> {
    let formats = CellFormats::new(&job.timestamps);
    let sheet = workbook.add_worksheet();
    sheet.set_name(SHEET)?.set_column_width(0, 26)?;
    let mut row = 0;
    for (name, text) in parameters(job) {
        sheet.write_string_with_format(row, 0, name, &formats.header)?;
        sheet.write_string(row, 1, text)?;
        row += 1;
    }
    let mut counts = vec![
        ("Rows", written.rows),
        ("Sheets of rows", written.sheets.into()),
    ];
    if written.long_texts > 0 {
        counts.push(("Texts longer than a cell", written.long_texts.into()));
        let note = format!("the whole texts are in the sheet {}", long_texts::SHEET);
        sheet.write_string(row + 2, 2, note)?;
    }
    for (name, count) in counts {
        sheet.write_string_with_format(row, 0, name, &formats.header)?;
        formats.write_count(sheet, row, 1, count)?;
        row += 1;
    }
    add_chart(sheet, row + 1, series, &formats)
}

fn parameters(job: &ExportJob) -> Vec<(&'static str, String)> {
    let query = &job.query;
    let all = |names: Option<&Vec<String>>| {
        names.map_or_else(|| "all".to_owned(), |names| names.join(", "))
    };
    let event = job.event_id.map(|id| id.to_string());
    let mut parameters = vec![
        ("Dataset", job.dataset.name().to_owned()),
        ("Organization", query.tenant_id.to_string()),
        ("Event", event.unwrap_or_else(|| "all".to_owned())),
        ("First day", query.period.from.to_string()),
        ("Last day", query.period.to.to_string()),
        ("Time zone of days", query.zone().name().to_owned()),
        ("Time zone of times", job.timestamps.zone_name().to_owned()),
        ("Columns", all(job.columns.as_ref())),
    ];
    if job.dataset == Dataset::Facts {
        parameters.push(("Event types", all(job.event_types.as_ref())));
    }
    parameters.push(("Exported at", job.timestamps.format(job.requested_at)));
    parameters
}

/// Adds a table by day from the row `top`, and its chart beside it.
fn add_chart(
    sheet: &mut Worksheet,
    top: u32,
    series: &DailySeries,
    formats: &CellFormats,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(top, 0, "date", &formats.header)?;
    let mut row = top;
    for (day, counts) in &series.days {
        row += 1;
        let midnight = day.and_time(NaiveTime::MIN);
        sheet.write_datetime_with_format(row, 0, midnight, &formats.day)?;
        for (column, &count) in (1..).zip(counts) {
            formats.write_count(sheet, row, column, count)?;
        }
    }
    let mut chart = Chart::new(ChartType::Column);
    chart.title().set_name("By day");
    chart.set_width(CHART_WIDTH).set_height(CHART_HEIGHT);
    for (column, &name) in (1..).zip(&series.names) {
        sheet.write_string_with_format(top, column, name, &formats.header)?;
        chart
            .add_series()
            .set_name((SHEET, top, column))
            .set_categories((SHEET, top + 1, 0, row, 0))
            .set_values((SHEET, top + 1, column, row, column));
    }
    let beside = u16::try_from(series.names.len() + 2).unwrap_or(u16::MAX);
    sheet.insert_chart(top, beside, &chart)?;
    Ok(())
}
