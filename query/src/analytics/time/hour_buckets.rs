//! Activity by local hour.

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    time_buckets::TimeBucket,
    time_zone_rules::{LocalHour, TimeZoneRules},
};
use crate::analytics::{
    aggregate::ActivityCounts,
    model::{CalendarDate, EventKind, RawFact},
};

/// Counts raw facts by local hour.
#[derive(Clone, Debug)]
pub struct HourBuckets<'a> {
    hours: Vec<HourCounts>,
    rules: &'a TimeZoneRules,
}

#[derive(Clone, Debug)]
struct HourCounts {
    hour: LocalHour,
    counts: ActivityCounts,
    /// Hashes of the visitors with views, with repetitions.
    viewers: Vec<i64>,
}

/// The period is too long for hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "`hour` is limited to periods of {max} days, and the period has {days}; request a shorter period or `day`"
)]
pub struct TooManyHours {
    max: usize,
    days: usize,
}

impl<'a> HourBuckets<'a> {
    /// The longest period, in days.
    pub const MAX_DAYS: usize = 31;

    /// Divides `period` into hours without facts.
    ///
    /// # Errors
    /// Fails if the period is longer than [`Self::MAX_DAYS`].
    pub fn of(period: Period, rules: &'a TimeZoneRules) -> Result<Self, TooManyHours> {
        let days = period.days().count();
        if days > Self::MAX_DAYS {
            let max = Self::MAX_DAYS;
            return Err(TooManyHours { max, days });
        }
        let hours = rules.hours(period).into_iter().map(|hour| HourCounts {
            hour,
            counts: ActivityCounts::default(),
            viewers: Vec::new(),
        });
        let hours = hours.collect();
        Ok(Self { hours, rules })
    }

    /// Adds a fact; facts outside the period are ignored.
    pub fn add(&mut self, fact: &RawFact) {
        let started = self
            .hours
            .partition_point(|hour| hour.hour.starts_at <= fact.at);
        if let Some(hour) = started.checked_sub(1).and_then(|at| self.hours.get_mut(at))
            && fact.at < hour.hour.ends_at
        {
            hour.counts.add(fact.kind);
            let is_view = fact.kind == EventKind::View;
            hour.viewers.extend(fact.visitor.filter(|_| is_view));
        }
    }

    /// Returns every hour, hours without facts included.
    pub fn buckets(self, now: DateTime<Utc>) -> Vec<TimeBucket> {
        let rules = self.rules;
        let buckets = self.hours.into_iter().map(|of| TimeBucket {
            date_from: CalendarDate(of.hour.day),
            date_to: CalendarDate(of.hour.day),
            starts_at: rules.to_local(of.hour.starts_at),
            ends_at: rules.to_local(of.hour.ends_at),
            incomplete: now < of.hour.ends_at,
            counts: ActivityCounts {
                unique_views: of.viewers.into_iter().collect::<VisitorSet>().len(),
                ..of.counts
            },
        });
        buckets.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    use super::super::tests::test_rules;

    fn view(at: &str, visitor: i64) -> RawFact {
        RawFact {
            visitor: Some(visitor),
            ..RawFact::new(at.parse().unwrap(), EventKind::View)
        }
    }

    #[test]
    fn more_than_a_month_is_not_divided_into_hours() {
        let day = |text: &str| text.parse().unwrap();
        let utc = test_rules(Tz::UTC);
        let of = |to| HourBuckets::of(Period::new(day("2026-10-01"), day(to)).unwrap(), &utc);
        assert_eq!(of("2026-10-31").unwrap().hours.len(), 31 * 24);
        let too_many = TooManyHours { max: 31, days: 32 };
        assert_eq!(of("2026-11-01").unwrap_err(), too_many);
    }

    #[test]
    fn the_hour_that_a_clock_change_repeats_is_two_hours() {
        let day = "2026-11-01".parse().unwrap();
        let period = Period::new(day, day).unwrap();
        let rules = test_rules(Tz::America__New_York);
        let mut hours = HourBuckets::of(period, &rules).unwrap();
        for (at, visitor) in [
            ("2026-11-01T03:59:59Z", 1),
            ("2026-11-01T05:30:00Z", 1),
            ("2026-11-01T06:00:00Z", 1),
            ("2026-11-01T06:59:59Z", 1),
            ("2026-11-01T07:00:00Z", 2),
            ("2026-11-02T05:00:00Z", 3),
        ] {
            hours.add(&view(at, visitor));
        }
        let buckets = hours.buckets("2026-11-02T04:30:00Z".parse().unwrap());
        assert_eq!(buckets.len(), 25);
        let counts_of = |at: usize| {
            let TimeBucket { counts, .. } = &buckets[at];
            (counts.views, counts.unique_views)
        };
        assert_eq!([1, 2, 3].map(counts_of), [(1, 1), (2, 1), (1, 1)]);
        let views: u64 = buckets.iter().map(|one| one.counts.views).sum();
        assert_eq!(views, 4);
        let open = buckets.iter().filter(|one| one.incomplete).count();
        assert_eq!(open, 1);
    }
}
