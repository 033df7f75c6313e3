//! The chart of views, registrations and check-ins by day.

use rust_xlsxwriter::{
    Chart, ChartAxisDateUnitType, ChartFont, ChartLegendPosition, ChartLine, ChartSolidFill,
    ChartType, XlsxError,
};

use super::grid::{Grid, TABLE_WIDTH};
use crate::{
    analytics::DailyMetrics,
    export::{
        formats::xlsx::{cell_formats::COUNT_FORMAT, day_sheet},
        language::Language,
    },
};

/// Rows under the chart.
const ROWS: u32 = 14;
const ROW_HEIGHT: u32 = 20;
/// The longest period with a column for each day, in days; lines are clearer for a longer one.
const MAX_COLUMNS: usize = 45;
/// The highest count for which each number has a line.
const MAX_COUNT_BY_ONE: u64 = 8;
/// Days at the axis at most.
const MAX_LABELS: usize = 12;
/// Months at the axis, whose names are longer, at most.
const MAX_MONTHS: usize = 8;

/// Inserts the chart; its values are on the sheet of days.
pub fn insert(grid: &mut Grid<'_>, days: &[DailyMetrics]) -> Result<(), XlsxError> {
    let (words, language) = (grid.words, grid.language);
    grid.write_section(words.by_day)?;
    let highest = days.iter().map(|day| {
        let counts = &day.counts;
        counts.views.max(counts.registrations).max(counts.check_ins)
    });
    let highest = highest.max().unwrap_or_default();
    if highest == 0 {
        grid.write_note(words.nothing)?;
        grid.skip_row();
        return Ok(());
    }
    let kind = if days.len() <= MAX_COLUMNS {
        ChartType::Column
    } else {
        ChartType::Line
    };
    let mut chart = Chart::new(kind);
    let last_row = u32::try_from(days.len()).unwrap_or(u32::MAX);
    let series = [
        (words.views, day_sheet::VIEWS, "#3451C6"),
        (words.registrations, day_sheet::REGISTRATIONS, "#C2570C"),
        (words.check_ins, day_sheet::CHECK_INS, "#0B7A5B"),
    ];
    for (name, column, color) in series {
        let series = chart.add_series();
        series
            .set_name(name)
            .set_categories((words.by_day, 1, day_sheet::DAY, last_row, day_sheet::DAY))
            .set_values((words.by_day, 1, column, last_row, column));
        if kind == ChartType::Column {
            series.set_format(ChartSolidFill::new().set_color(color));
            series.set_gap(60);
        } else {
            series.set_format(ChartLine::new().set_color(color).set_width(1.75));
        }
    }
    set_date_axis(&mut chart, days.len(), language);
    set_count_axis(&mut chart, highest);
    chart.title().set_hidden();
    chart.legend().set_position(ChartLegendPosition::Top);
    chart
        .set_width(TABLE_WIDTH)
        .set_height(ROWS * ROW_HEIGHT)
        .set_alt_text(format!(
            "{}: {}, {}, {}",
            words.by_day, words.views, words.registrations, words.check_ins
        ));
    grid.sheet.insert_chart(grid.row, 0, &chart)?;
    grid.row += ROWS + 1;
    Ok(())
}

/// Shows the days, or the months of a long period, as dates in the language.
fn set_date_axis(chart: &mut Chart, days: usize, language: Language) {
    let axis = chart.x_axis();
    axis.set_date_axis(true);
    axis.set_font(ChartFont::new().set_size(9));
    let step = [1, 2, 7, 14]
        .into_iter()
        .find(|step| days / step <= MAX_LABELS);
    if let Some(step) = step {
        axis.set_num_format(language.axis_day_format())
            .set_major_unit(f64::from(u32::try_from(step).unwrap_or(1)))
            .set_major_unit_date_type(ChartAxisDateUnitType::Days);
    } else {
        let months = u32::try_from(days / (31 * MAX_MONTHS)).unwrap_or(1) + 1;
        axis.set_num_format(language.axis_month_format())
            .set_major_unit(f64::from(months))
            .set_major_unit_date_type(ChartAxisDateUnitType::Months);
    }
}

/// Shows the counts, without fractions of one.
fn set_count_axis(chart: &mut Chart, highest: u64) {
    let axis = chart.y_axis();
    axis.set_num_format(COUNT_FORMAT).set_min(0);
    if highest <= MAX_COUNT_BY_ONE {
        axis.set_major_unit(1);
    }
    axis.set_font(ChartFont::new().set_size(9));
    axis.set_major_gridlines_line(ChartLine::new().set_color("#D5D9E0").set_width(0.5));
}
