//! Periods derived from the requested one.

use analytics_shared::period::Period;
use chrono::{Days, Months, NaiveDate};

/// Returns `period` from the first of `days` on, which are the days with facts; its last day if there are
/// none.
pub fn trim_to_first_fact(period: Period, days: impl Iterator<Item = NaiveDate>) -> Period {
    let first = days.min();
    Period {
        from: first.map_or(period.to, |day| day.clamp(period.from, period.to)),
        ..period
    }
}

/// The period to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareWith {
    /// The same number of days, directly before.
    Previous,
    /// The same days of the previous year.
    Year,
}

impl CompareWith {
    /// Returns the comparison period of `period`; `None` before the first date of the calendar.
    pub fn comparison_period(self, period: Period) -> Option<Period> {
        let length = Days::new((period.to - period.from).num_days().unsigned_abs() + 1);
        let earlier = |day: NaiveDate| match self {
            Self::Previous => day.checked_sub_days(length),
            // February 29 is compared with February 28.
            Self::Year => day.checked_sub_months(Months::new(12)),
        };
        Some(Period {
            from: earlier(period.from)?,
            to: earlier(period.to)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_previous_period_is_as_long_and_ends_the_day_before() {
        let march = period("2026-03-01", "2026-03-31");
        let earlier = CompareWith::Previous.comparison_period(march);
        assert_eq!(earlier, Some(period("2026-01-29", "2026-02-28")));
        let day = period("2026-03-01", "2026-03-01");
        let earlier = CompareWith::Previous.comparison_period(day);
        assert_eq!(earlier, Some(period("2026-02-28", "2026-02-28")));
    }

    #[test]
    fn the_year_before_has_the_same_days_and_no_leap_day() {
        let february = period("2024-02-01", "2024-02-29");
        let earlier = CompareWith::Year.comparison_period(february);
        assert_eq!(earlier, Some(period("2023-02-01", "2023-02-28")));
    }
}
