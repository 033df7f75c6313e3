//! The first sheet: a report of the figures, which a dashboard shows too.

mod chart;
mod grid;
mod key_metrics;
mod tables;

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use self::grid::{COLUMNS, Grid};
use super::page_setup;
use crate::export::{
    figures::{Figures, FiguresSubject},
    job::ExportJob,
};

/// Rows of a printed page, in which the report is shrunk to fit.
const ROWS_PER_PAGE: u32 = 72;

/// Adds the report of the figures.
pub(super) fn add(
    workbook: &mut Workbook,
    job: &ExportJob,
    figures: &Figures,
) -> Result<(), XlsxError> {
    let language = job.language.unwrap_or_default();
    let words = language.words();
    let sheet = workbook.add_worksheet();
    sheet.set_name(words.report)?.set_screen_gridlines(false);
    let mut grid = Grid::begin(sheet, language)?;
    write_heading(&mut grid, job, figures)?;
    key_metrics::write(&mut grid, figures)?;
    tables::write_revenue(&mut grid, figures)?;
    chart::insert(&mut grid, &figures.by_day)?;
    tables::write_sources(&mut grid, &figures.sources)?;
    tables::write_subject(&mut grid, &figures.subject)?;
    let last_row = grid.row.saturating_sub(1);
    set_up_page(sheet, last_row)
}

/// Writes the title, the period and the time zone.
fn write_heading(grid: &mut Grid<'_>, job: &ExportJob, figures: &Figures) -> Result<(), XlsxError> {
    let (language, words, rules) = (grid.language, grid.words, &job.query.rules);
    let (title, starts_at) = match &figures.subject {
        FiguresSubject::Event {
            title, starts_at, ..
        } => (title.as_deref().unwrap_or(words.untitled), *starts_at),
        FiguresSubject::Organization { .. } => (words.all_events, None),
    };
    grid.write_title(title)?;
    let period = job.query.period;
    let (from, to) = (language.date(period.from), language.date(period.to));
    let days = if from == to {
        from
    } else {
        format!("{from} – {to}")
    };
    grid.write_fact(words.period, &days)?;
    if let Some(starts_at) = starts_at {
        let starts_at = language.date_time(rules.to_local(starts_at));
        grid.write_fact(words.starts, &starts_at)?;
    }
    grid.write_fact(words.time_zone, rules.zone().name())?;
    let as_of = language.date_time(rules.to_local(figures.as_of));
    grid.write_fact(words.as_of, &as_of)?;
    grid.skip_row();
    Ok(())
}

fn set_up_page(sheet: &mut Worksheet, last_row: u32) -> Result<(), XlsxError> {
    let pages = (last_row + 1).div_ceil(ROWS_PER_PAGE);
    page_setup::apply(sheet);
    sheet
        .set_portrait()
        .set_print_fit_to_pages(1, u16::try_from(pages).unwrap_or(u16::MAX))
        .set_print_area(0, 0, last_row, COLUMNS - 1)?;
    Ok(())
}
