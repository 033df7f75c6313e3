//! The key metrics: three in a row.

use rust_xlsxwriter::XlsxError;

use super::grid::{COLUMNS, Grid, Value};
use crate::export::figures::{Figures, FiguresSubject};

const METRICS_PER_ROW: usize = 3;
/// Columns of a metric.
const SPAN: u16 = COLUMNS / 3;

pub fn write(grid: &mut Grid<'_>, figures: &Figures) -> Result<(), XlsxError> {
    let (words, totals) = (grid.words, &figures.totals);
    let metrics = &totals.metrics;
    let mut tiles = vec![
        (words.views, Value::Count(metrics.total_views)),
        (words.visitors, Value::Count(metrics.unique_views)),
        (
            words.registrations_of_views,
            Value::Rate(metrics.view_to_registration_rate),
        ),
        (
            words.registrations,
            Value::Count(metrics.total_registrations),
        ),
        (
            words.confirmed,
            Value::Count(metrics.confirmed_registrations),
        ),
        (
            words.check_ins_of_registrations,
            Value::Rate(metrics.registration_to_checkin_rate),
        ),
        (words.checked_in, Value::Count(metrics.checked_in)),
        (words.cancellations, Value::Count(totals.cancellations)),
        (
            words.cancellations_of_registrations,
            Value::Rate(totals.cancellation_rate),
        ),
    ];
    if let FiguresSubject::Organization {
        no_shows,
        attendance,
        ..
    } = &figures.subject
    {
        tiles.extend([
            (words.attendees, Value::Count(attendance.attendees)),
            (
                words.returning_attendees,
                Value::Count(attendance.returning_attendees),
            ),
            (
                words.no_shows,
                no_shows.map_or(Value::Rate(None), Value::Count),
            ),
        ]);
    }
    for row in tiles.chunks(METRICS_PER_ROW) {
        for (column, (name, value)) in (0..).step_by(SPAN.into()).zip(row) {
            grid.write_metric(column, SPAN, name, *value)?;
        }
        grid.row += 2;
    }
    if totals.basis.is_some() {
        grid.write_note(words.rates_above_one)?;
    }
    grid.skip_row();
    Ok(())
}
