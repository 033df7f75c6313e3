//! Activity by day, week or month.

use analytics_shared::period::Period;
use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, Weekday};
use poem_openapi::Object;

use super::time_zone_rules::TimeZoneRules;
use crate::analytics::{
    aggregate::{ActivityCounts, aggregate_by},
    model::{CalendarDate, EventKind, RowRef},
};

/// The length of the time buckets of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Granularity {
    /// Local hours.
    Hour,
    /// Days, weeks or months.
    Calendar(CalendarUnit),
}

/// A number of whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    Day,
    /// A week from Monday (ISO 8601).
    Week,
    Month,
}

/// An hour, day, week or month, cut to the period.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct TimeBucket {
    /// First day of the bucket; for an hour, its day.
    pub date_from: CalendarDate,
    /// Last day of the bucket.
    pub date_to: CalendarDate,
    /// Start of the bucket, with the UTC offset of the time zone. More than ten years ahead, the last
    /// known offset is used.
    pub starts_at: DateTime<FixedOffset>,
    /// Start of the next bucket.
    pub ends_at: DateTime<FixedOffset>,
    /// Whether a part of the bucket lies outside the period or is not over yet.
    pub incomplete: bool,
    /// Activity within the bucket.
    #[oai(flatten)]
    pub counts: ActivityCounts,
}

impl CalendarUnit {
    /// Returns the first and the last day of the unit that contains `day`.
    fn bounds(self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        match self {
            Self::Day => (day, day),
            Self::Week => {
                let week = day.week(Weekday::Mon);
                (week.first_day(), week.last_day())
            }
            Self::Month => {
                let first = day.with_day(1).unwrap_or(day);
                let next = first.checked_add_months(Months::new(1));
                (first, next.and_then(|next| next.pred_opt()).unwrap_or(day))
            }
        }
    }
}

/// Divides the period into days, weeks or months, those without facts included.
pub fn calendar_buckets(
    rows: &[RowRef<'_>],
    period: Period,
    unit: CalendarUnit,
    rules: &TimeZoneRules,
    today: NaiveDate,
) -> Vec<TimeBucket> {
    let rows = rows.iter().copied();
    let aggregates = aggregate_by(rows, &[EventKind::View], |row| unit.bounds(row.day()).0);
    let mut buckets = Vec::new();
    let mut from = period.from;
    let mut starts_at = rules.start_of(from);
    while from <= period.to {
        let (first, last) = unit.bounds(from);
        let to = last.min(period.to);
        let ends_at = rules.end_of(Period { from, to });
        let counts = aggregates.get(&first).map(ActivityCounts::from);
        buckets.push(TimeBucket {
            date_from: CalendarDate(from),
            date_to: CalendarDate(to),
            starts_at: rules.to_local(starts_at),
            ends_at: rules.to_local(ends_at),
            incomplete: first < from || to < last || today <= last,
            counts: counts.unwrap_or_default(),
        });
        let Some(next) = to.succ_opt() else { break };
        (from, starts_at) = (next, ends_at);
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{aggregate::RollupRows, model::RollupRow};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn view(on: &str, visitor: i64) -> RollupRow<'static> {
        RollupRow {
            count: 1,
            visitors: vec![visitor],
            ..RollupRow::blank(on, EventKind::View)
        }
    }

    fn summary(unit: CalendarUnit, from: &str, to: &str) -> Vec<String> {
        let rows = [
            view("2025-12-29", 1),
            view("2025-12-31", 2),
            view("2026-01-01", 1),
            view("2026-01-04", 3),
            view("2026-01-05", 1),
        ];
        let period = Period::new(day(from), day(to)).unwrap();
        let in_period = |row: &RollupRow<'_>| (period.from..=period.to).contains(&row.day);
        let rows: RollupRows = rows.into_iter().filter(in_period).collect();
        let utc = TimeZoneRules::new(chrono_tz::Tz::UTC, Vec::new());
        let buckets = calendar_buckets(&rows.all(), period, unit, &utc, day("2026-01-11"));
        let lines = buckets.iter().map(|one| {
            let open = if one.incomplete { " incomplete" } else { "" };
            let (from, to) = (one.date_from.0, one.date_to.0);
            let ActivityCounts {
                views,
                unique_views,
                ..
            } = &one.counts;
            format!("{from}/{to} {views} by {unique_views}{open}")
        });
        lines.collect()
    }

    #[test]
    fn a_week_goes_over_new_year_and_counts_each_visitor_once() {
        assert_eq!(
            summary(CalendarUnit::Week, "2025-12-29", "2026-01-11"),
            [
                "2025-12-29/2026-01-04 4 by 3",
                "2026-01-05/2026-01-11 1 by 1 incomplete"
            ]
        );
    }

    #[test]
    fn months_and_weeks_that_the_period_cuts_are_incomplete() {
        assert_eq!(
            summary(CalendarUnit::Month, "2025-12-30", "2026-01-05"),
            [
                "2025-12-30/2025-12-31 1 by 1 incomplete",
                "2026-01-01/2026-01-05 3 by 2 incomplete"
            ]
        );
        assert_eq!(
            summary(CalendarUnit::Week, "2025-12-29", "2026-01-04"),
            ["2025-12-29/2026-01-04 4 by 3"]
        );
    }

    #[test]
    fn every_day_is_there_and_today_is_incomplete() {
        let days = summary(CalendarUnit::Day, "2026-01-09", "2026-01-11");
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
