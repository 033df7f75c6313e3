//! The metrics of each day, from which the chart of the report is drawn.

use chrono::NaiveTime;
use rust_xlsxwriter::{Workbook, XlsxError};

use super::{cell_formats::CellFormats, page_setup};
use crate::{
    analytics::DailyMetrics,
    export::{job::ExportJob, language::heading},
};

/// Columns of the sheet.
pub(super) const DAY: u16 = 0;
pub(super) const VIEWS: u16 = 1;
pub(super) const REGISTRATIONS: u16 = 3;
pub(super) const CHECK_INS: u16 = 5;
const HEADER: [&str; 6] = [
    "date",
    "views",
    "uniqueViews",
    "registrations",
    "cancellations",
    "checkIns",
];

pub(super) fn add(
    workbook: &mut Workbook,
    job: &ExportJob,
    days: &[DailyMetrics],
) -> Result<(), XlsxError> {
    let formats = CellFormats::new(job);
    let sheet = workbook.add_worksheet();
    let name = job.language.unwrap_or_default().words().by_day;
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(HEADER) {
        sheet.set_column_width(column, 16)?;
        let heading = heading(name, job.language);
        let format = formats.header_of(column != DAY);
        sheet.write_string_with_format(0, column, heading, format)?;
    }
    let mut row = 0;
    for day in days {
        row += 1;
        let midnight = day.date.0.and_time(NaiveTime::MIN);
        sheet.write_datetime_with_format(row, DAY, midnight, &formats.day)?;
        let counts = &day.counts;
        let counts = [
            counts.views,
            counts.unique_views,
            counts.registrations,
            counts.cancellations,
            counts.check_ins,
        ];
        for (column, count) in (VIEWS..).zip(counts) {
            formats.write_count(sheet, row, column, count)?;
        }
    }
    page_setup::apply_to_table(sheet, row, CHECK_INS)
}
