//! Figures by stretches of the calendar: days, weeks that begin on Monday (ISO 8601), months.

use analytics_shared::period::Period;
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{DayFigures, Kind, Row, Tally, ZoneClock, days::figures_of, tally::tally_by};

/// How finely a period is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Granularity {
    /// By the hours that clocks show.
    Hour,
    /// By days, or more of them.
    Days(Span),
}

/// Days that are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// By day.
    Day,
    /// By week, from Monday.
    Week,
    /// By month.
    Month,
}

/// A stretch of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its last day; `figures.date` is its first. Both lie in the period.
    pub to: NaiveDate,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When the next begins.
    pub ends_at: DateTime<Utc>,
    /// Whether a part of it is not in the period, or not over yet.
    pub incomplete: bool,
    /// What happened in it. Distinct visitors are those of the stretch, not of its days.
    pub figures: DayFigures,
}

impl Span {
    /// The first and the last day of the stretch that `day` lies in.
    fn around(self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        match self {
            Self::Day => (day, day),
            Self::Week => {
                let week = day.week(chrono::Weekday::Mon);
                (week.first_day(), week.last_day())
            }
            Self::Month => {
                let first = day.with_day(1).unwrap_or(day);
                let next = first.checked_add_months(chrono::Months::new(1));
                (first, next.and_then(|next| next.pred_opt()).unwrap_or(day))
            }
        }
    }
}

/// Every stretch of so many days of the period, also those in which nothing happened.
#[must_use]
pub fn series(
    rows: &[&Row],
    period: Period,
    span: Span,
    clock: &ZoneClock,
    today: NaiveDate,
) -> Vec<Stretch> {
    let first_day = |day: NaiveDate| span.around(day).0;
    let tallies = tally_by(rows.iter().copied(), &[Kind::View], |row| {
        first_day(row.day)
    });
    let nothing = Tally::default();
    let mut stretches = Vec::new();
    let mut from = period.from;
    let mut starts_at = clock.start_of(from);
    while from <= period.to {
        let (first, last) = span.around(from);
        let to = last.min(period.to);
        let tally = tallies.get(&first).unwrap_or(&nothing);
        let ends_at = clock.end_of(Period { from, to });
        stretches.push(Stretch {
            to,
            starts_at,
            ends_at,
            incomplete: first < from || to < last || today <= last,
            figures: figures_of(from, tally),
        });
        let Some(next) = to.succ_opt() else { break };
        (from, starts_at) = (next, ends_at);
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Kind;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn view(on: &str, visitor: i64) -> Row {
        Row {
            count: 1,
            visitors: [visitor].into_iter().collect(),
            ..Row::blank(on, Kind::View)
        }
    }

    fn summary(span: Span, from: &str, to: &str) -> Vec<String> {
        let rows = [
            view("2025-12-29", 1),
            view("2025-12-31", 2),
            view("2026-01-01", 1),
            view("2026-01-04", 3),
            view("2026-01-05", 1),
        ];
        let period = Period::new(day(from), day(to)).unwrap();
        let in_period = |row: &&Row| (period.from..=period.to).contains(&row.day);
        let rows: Vec<&Row> = rows.iter().filter(in_period).collect();
        let utc = ZoneClock::new(chrono_tz::Tz::UTC, Vec::new());
        let stretches = series(&rows, period, span, &utc, day("2026-01-11"));
        let lines = stretches.iter().map(|one| {
            let open = if one.incomplete { " incomplete" } else { "" };
            let DayFigures {
                date,
                views,
                unique_views,
                ..
            } = &one.figures;
            format!("{date}/{} {views} by {unique_views}{open}", one.to)
        });
        lines.collect()
    }

    #[test]
    fn a_week_goes_over_new_year_and_counts_each_visitor_once() {
        assert_eq!(
            summary(Span::Week, "2025-12-29", "2026-01-11"),
            [
                "2025-12-29/2026-01-04 4 by 3",
                "2026-01-05/2026-01-11 1 by 1 incomplete"
            ]
        );
    }

    #[test]
    fn months_and_weeks_that_the_period_cuts_are_incomplete() {
        assert_eq!(
            summary(Span::Month, "2025-12-30", "2026-01-05"),
            [
                "2025-12-30/2025-12-31 1 by 1 incomplete",
                "2026-01-01/2026-01-05 3 by 2 incomplete"
            ]
        );
        assert_eq!(
            summary(Span::Week, "2025-12-29", "2026-01-04"),
            ["2025-12-29/2026-01-04 4 by 3"]
        );
    }

    #[test]
    fn every_day_is_there_and_today_is_incomplete() {
        let days = summary(Span::Day, "2026-01-09", "2026-01-11");
        assert_eq!(
            days,
            [
                "2026-01-09/2026-01-09 0 by 0",
                "2026-01-10/2026-01-10 0 by 0",
                "2026-01-11/2026-01-11 0 by 0 incomplete"
            ]
        );
    }
}
