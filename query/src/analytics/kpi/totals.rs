//! What an event or an organization comes to over a period, and how that has changed.

use analytics_shared::period::Period;
use chrono::{Days, Months};

use super::{Headline, Kind, Revenue, Tally, headline::ratio};

/// All that is told of a period as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// The seven metrics.
    pub headline: Headline,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Cancellations for each registration.
    pub cancellation_rate: Option<f64>,
    /// Payments and refunds.
    pub revenue: Vec<Revenue>,
}

impl From<&Tally> for Totals {
    fn from(tally: &Tally) -> Self {
        let cancellations = tally.count(Kind::Cancelled);
        Self {
            headline: Headline::from(tally),
            cancellations,
            cancellation_rate: ratio(cancellations, tally.count(Kind::Completed)),
            revenue: tally.revenue(),
        }
    }
}

/// The earlier period that one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// As many days, directly before.
    Previous,
    /// The same days of the year before.
    Year,
}

impl Compare {
    /// The period that `period` is compared with; `None` where there is no calendar.
    #[must_use]
    pub fn earlier(self, period: Period) -> Option<Period> {
        match self {
            Self::Previous => {
                let length = Days::new((period.to - period.from).num_days().unsigned_abs() + 1);
                Some(Period {
                    from: period.from.checked_sub_days(length)?,
                    to: period.to.checked_sub_days(length)?,
                })
            }
            // February 29 is compared with February 28.
            Self::Year => Some(Period {
                from: period.from.checked_sub_months(Months::new(12))?,
                to: period.to.checked_sub_months(Months::new(12))?,
            }),
        }
    }
}

/// How a figure has changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The figure less the earlier one.
    pub absolute: f64,
    /// That, for each of the earlier one; `None` where that was 0.
    pub relative: Option<f64>,
}

impl Change {
    /// From `earlier` to `now`; `None` if one of them is not known.
    #[must_use]
    pub fn of(earlier: Option<f64>, now: Option<f64>) -> Option<Self> {
        let (earlier, now) = (earlier?, now?);
        let absolute = now - earlier;
        let relative = (earlier != 0.0).then(|| absolute / earlier);
        Some(Self { absolute, relative })
    }

    /// The same of counts.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact up to 2^53 facts, and a change needs no more"
    )]
    pub fn of_counts(earlier: u64, now: u64) -> Self {
        let (before, after) = (earlier as f64, now as f64);
        let absolute = after - before;
        let relative = (earlier != 0).then(|| absolute / before);
        Self { absolute, relative }
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
        let earlier = Compare::Previous.earlier(march);
        assert_eq!(earlier, Some(period("2026-01-29", "2026-02-28")));
        let day = period("2026-03-01", "2026-03-01");
        let earlier = Compare::Previous.earlier(day);
        assert_eq!(earlier, Some(period("2026-02-28", "2026-02-28")));
    }

    #[test]
    fn the_year_before_has_the_same_days_and_no_leap_day() {
        let february = period("2024-02-01", "2024-02-29");
        let earlier = Compare::Year.earlier(february);
        assert_eq!(earlier, Some(period("2023-02-01", "2023-02-28")));
    }

    #[test]
    fn a_change_from_nothing_has_no_ratio() {
        let from_nothing = Change::of_counts(0, 3);
        assert_eq!((from_nothing.absolute, from_nothing.relative), (3.0, None));
        assert_eq!(Change::of_counts(4, 3).relative, Some(-0.25));
        assert_eq!(Change::of(Some(0.5), None), None);
        assert_eq!(
            Change::of(Some(0.5), Some(0.25)).unwrap().relative,
            Some(-0.5)
        );
    }
}
