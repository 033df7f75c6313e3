//! A period by the hours that clocks show.

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{DayFigures, Kind, Moment, Stretch, Tally, WallHour, ZoneClock, days::figures_of};

/// The hours of a period, as they are counted.
#[derive(Clone, Debug)]
pub struct HourSeries(Vec<Hour>);

#[derive(Clone, Debug)]
struct Hour {
    of: WallHour,
    tally: Tally,
    /// Hashes of the visitors of views, in no order.
    viewers: Vec<i64>,
}

/// More days than are divided into hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "hours are told of at most {max} days at once, and the period has {days}; ask for fewer, or for `day`"
)]
pub struct TooManyHours {
    max: usize,
    days: usize,
}

impl HourSeries {
    /// The longest period that is divided into hours.
    pub const MAX_DAYS: usize = 31;

    /// The hours of `period`, in which nothing has happened yet.
    ///
    /// # Errors
    /// When there are too many.
    pub fn of(period: Period, clock: &ZoneClock) -> Result<Self, TooManyHours> {
        let days = period.days().count();
        if days > Self::MAX_DAYS {
            let max = Self::MAX_DAYS;
            return Err(TooManyHours { max, days });
        }
        let hours = clock.hours(period).into_iter();
        let hours = hours.map(|hour| Hour {
            of: hour,
            tally: Tally::default(),
            viewers: Vec::new(),
        });
        Ok(Self(hours.collect()))
    }

    /// Adds a fact; one outside the period is left out.
    pub fn add(&mut self, moment: &Moment) {
        let begun = self
            .0
            .partition_point(|begun| begun.of.starts_at <= moment.at);
        if let Some(of_hour) = begun.checked_sub(1).and_then(|at| self.0.get_mut(at))
            && moment.at < of_hour.of.ends_at
        {
            of_hour.tally.count_fact(moment.kind);
            let is_view = moment.kind == Kind::View;
            of_hour.viewers.extend(moment.visitor.filter(|_| is_view));
        }
    }

    /// Every hour, also those in which nothing happened.
    #[must_use]
    pub fn stretches(&self, now: DateTime<Utc>) -> Vec<Stretch> {
        let stretches = self.0.iter().map(
            |Hour {
                 of: hour,
                 tally,
                 viewers,
             }| Stretch {
                to: hour.day,
                starts_at: hour.starts_at,
                ends_at: hour.ends_at,
                incomplete: now < hour.ends_at,
                figures: DayFigures {
                    unique_views: VisitorSet::from(viewers.clone()).len(),
                    ..figures_of(hour.day, tally)
                },
            },
        );
        stretches.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    use crate::figures::{Kind, clock};

    fn view(at: &str, visitor: i64) -> Moment {
        Moment {
            visitor: Some(visitor),
            ..Moment::new(at.parse().unwrap(), Kind::View)
        }
    }

    #[test]
    fn more_than_a_month_is_not_divided_into_hours() {
        let day = |text: &str| text.parse().unwrap();
        let of = |to| {
            HourSeries::of(
                Period::new(day("2026-10-01"), day(to)).unwrap(),
                &clock(Tz::UTC),
            )
        };
        assert_eq!(of("2026-10-31").unwrap().0.len(), 31 * 24);
        let too_many = TooManyHours { max: 31, days: 32 };
        assert_eq!(of("2026-11-01").unwrap_err(), too_many);
    }

    #[test]
    fn the_hour_that_a_clock_change_repeats_is_two_hours() {
        let day = "2026-11-01".parse().unwrap();
        let period = Period::new(day, day).unwrap();
        let mut series = HourSeries::of(period, &clock(Tz::America__New_York)).unwrap();
        for (at, visitor) in [
            ("2026-11-01T03:59:59Z", 1),
            ("2026-11-01T05:30:00Z", 1),
            ("2026-11-01T06:00:00Z", 1),
            ("2026-11-01T06:59:59Z", 1),
            ("2026-11-01T07:00:00Z", 2),
            ("2026-11-02T05:00:00Z", 3),
        ] {
            series.add(&view(at, visitor));
        }
        let stretches = series.stretches("2026-11-02T04:30:00Z".parse().unwrap());
        assert_eq!(stretches.len(), 25);
        let told = |at: usize| {
            let Stretch { figures, .. } = &stretches[at];
            (figures.views, figures.unique_views)
        };
        assert_eq!([1, 2, 3].map(told), [(1, 1), (2, 1), (1, 1)]);
        let views: u64 = stretches.iter().map(|one| one.figures.views).sum();
        assert_eq!(views, 4);
        let open = stretches.iter().filter(|one| one.incomplete).count();
        assert_eq!(open, 1);
    }
}
