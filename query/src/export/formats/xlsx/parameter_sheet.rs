//! The last sheet: the parameters of the export, and what was written.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::{cell_formats::CellFormats, page_setup, sheet_writer::Written};
use crate::export::job::{Dataset, ExportJob};

pub(super) fn add(
    workbook: &mut Workbook,
    job: &ExportJob,
    written: &Written,
) -> Result<(), XlsxError> {
    let words = job.language.unwrap_or_default().words();
    let formats = CellFormats::new(job);
    let sheet = workbook.add_worksheet();
    sheet
        .set_name(words.parameters)?
        .set_column_width(0, 26)?
        .set_column_width(1, 60)?;
    page_setup::apply(sheet);
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    let mut row = 0;
    for (name, text) in parameters(job) {
        sheet.write_string_with_format(row, 0, name, &formats.header)?;
        sheet.write_string(row, 1, text)?;
        row += 1;
    }
    let mut counts = vec![
        (words.rows, written.rows),
        (words.sheets_of_rows, written.sheets.into()),
    ];
    if written.long_texts > 0 {
        counts.push((words.texts_longer_than_a_cell, written.long_texts.into()));
    }
    for (name, count) in counts {
        sheet.write_string_with_format(row, 0, name, &formats.header)?;
        formats.write_count(sheet, row, 1, count)?;
        row += 1;
    }
    Ok(())
}

fn parameters(job: &ExportJob) -> Vec<(&'static str, String)> {
    let (query, words) = (&job.query, job.language.unwrap_or_default().words());
    let all = |names: Option<&Vec<String>>| {
        names.map_or_else(|| words.all.to_owned(), |names| names.join(", "))
    };
    let event = job.event_id.map(|id| id.to_string());
    let mut parameters = vec![
        (words.dataset, job.dataset.name().to_owned()),
        (words.organization, query.tenant_id.to_string()),
        (words.event, event.unwrap_or_else(|| words.all.to_owned())),
        (words.first_day, query.period.from.to_string()),
        (words.last_day, query.period.to.to_string()),
        (words.zone_of_days, query.zone().name().to_owned()),
        (words.zone_of_times, job.timestamps.zone_name().to_owned()),
        (words.columns, all(job.columns.as_ref())),
    ];
    if job.dataset == Dataset::Facts {
        parameters.push((words.event_types, all(job.event_types.as_ref())));
    }
    if let Some(figures) = &job.figures {
        parameters.push((words.as_of, job.timestamps.format(figures.as_of)));
    }
    parameters
}
