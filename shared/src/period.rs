//! Reporting periods: calendar days in a time zone.

use chrono::{Datelike, Days, NaiveDate};
use thiserror::Error;

/// The maximum length of a period, in days: a leap year.
pub const MAX_DAYS: u64 = 366;

/// Calendar days from `from` to `to`, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// The reason why a period is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidPeriod {
    /// The first day lies after the last.
    #[error("dateFrom {0} is after dateTo {1}")]
    Reversed(NaiveDate, NaiveDate),
    /// A day outside the supported years.
    #[error("{0} must be in the years 1970 to 9999")]
    OutOfRange(&'static str),
    /// The period is longer than [`MAX_DAYS`].
    #[error("the period has {0} days; the maximum is {MAX_DAYS}")]
    TooLong(u64),
}

impl InvalidPeriod {
    /// The invalid query parameter.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Reversed(..) | Self::TooLong(_) => "dateFrom",
            Self::OutOfRange(field) => field,
        }
    }
}

impl Period {
    /// The days from `from` to `to`.
    ///
    /// # Errors
    /// When they are in the wrong order, more than [`MAX_DAYS`], or outside the years 1970 to 9999.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, InvalidPeriod> {
        for (field, day) in [("dateFrom", from), ("dateTo", to)] {
            if !(1970..=9999).contains(&day.year()) {
                return Err(InvalidPeriod::OutOfRange(field));
            }
        }
        let days = (to - from).num_days() + 1;
        match u64::try_from(days) {
            Ok(days) if days > MAX_DAYS => Err(InvalidPeriod::TooLong(days)),
            Ok(days) if days > 0 => Ok(Self { from, to }),
            _ => Err(InvalidPeriod::Reversed(from, to)),
        }
    }

    /// The requested period. A missing end is today (or `from`, if later), a missing start the earliest
    /// day within [`MAX_DAYS`].
    ///
    /// # Errors
    /// As [`Period::new`].
    pub fn requested(
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, InvalidPeriod> {
        let to = to.unwrap_or_else(|| from.map_or(today, |from| from.max(today)));
        let from = from.unwrap_or_else(|| {
            to.checked_sub_days(Days::new(MAX_DAYS - 1))
                .unwrap_or(NaiveDate::MIN)
        });
        Self::new(from, to)
    }

    /// The days of the period, in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take_while(move |day| *day <= self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn both_ends_belong_to_the_period() {
        let period = Period::new(day("2026-02-27"), day("2026-03-01")).unwrap();
        let days: Vec<_> = period.days().map(|day| day.to_string()).collect();
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
    }

    #[test]
    fn a_leap_year_is_the_longest_period() {
        assert!(Period::new(day("2024-01-01"), day("2024-12-31")).is_ok());
        assert_eq!(
            Period::new(day("2024-01-01"), day("2025-01-01")),
            Err(InvalidPeriod::TooLong(367))
        );
    }

    #[test]
    fn a_period_cannot_run_backwards() {
        let (from, to) = (day("2026-03-02"), day("2026-03-01"));
        assert_eq!(
            Period::new(from, to),
            Err(InvalidPeriod::Reversed(from, to))
        );
    }

    #[test]
    fn an_open_period_ends_today_and_reaches_back_a_year() {
        let period = Period::requested(None, None, day("2026-11-23")).unwrap();
        assert_eq!(
            (period.from, period.to),
            (day("2025-11-23"), day("2026-11-23"))
        );
        let future = Period::requested(Some(day("2027-01-01")), None, day("2026-11-23")).unwrap();
        assert_eq!(
            (future.from, future.to),
            (day("2027-01-01"), day("2027-01-01"))
        );
    }

    #[test]
    fn an_extreme_date_is_an_error_and_no_panic() {
        assert!(Period::new(NaiveDate::MIN, NaiveDate::MAX).is_err());
        assert!(Period::requested(None, Some(NaiveDate::MIN), day("2026-11-23")).is_err());
    }
}
