//! Attendees, returning attendees, and no-shows: confirmed registrations without a check-in.

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::Object;

use super::totals::KeyMetrics;
use crate::analytics::{aggregate::Aggregate, model::EventKind, time::TimeZoneRules};

/// The attendees of several events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct Attendance {
    /// Distinct visitors who checked in at any of the events.
    pub attendees: u64,
    /// Distinct visitors who checked in at two or more of the events.
    pub returning_attendees: u64,
}

impl Attendance {
    /// Counts the attendees of events, with one aggregate for each event.
    pub fn of<'a>(events: impl Iterator<Item = &'a Aggregate>) -> Self {
        let attendees = events.map(|event| event.visitor_set(EventKind::CheckIn));
        let (attendees, returning_attendees) = VisitorSet::count_distinct_and_repeated(attendees);
        Self {
            attendees,
            returning_attendees,
        }
    }
}

/// The current date, which decides whether an event is over.
#[derive(Clone, Copy, Debug)]
pub struct AsOfDate<'a> {
    pub date: NaiveDate,
    /// The requested period, days before the first fact included.
    pub period: Period,
    /// Rules of the time zone of the dates.
    pub rules: &'a TimeZoneRules,
}

impl AsOfDate<'_> {
    /// Returns confirmed registrations less check-ins, at least 0; `None` until the day of the event is over,
    /// or if the period lacks that day, because attendees check in on that day only.
    pub fn no_shows(self, starts_at: Option<DateTime<Utc>>, metrics: &KeyMetrics) -> Option<u64> {
        let day = self.rules.day(starts_at?);
        let is_over = day < self.date;
        let is_in_period = (self.period.from..=self.period.to).contains(&day);
        let confirmed = metrics.confirmed_registrations;
        (is_over && is_in_period).then(|| confirmed.saturating_sub(metrics.checked_in))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::analytics::time::test_rules;

    fn metrics(confirmed: u64, checked_in: u64) -> KeyMetrics {
        KeyMetrics {
            confirmed_registrations: confirmed,
            checked_in,
            ..KeyMetrics::from(&Aggregate::default())
        }
    }

    fn november() -> Period {
        let day = |text: &str| text.parse().unwrap();
        Period::new(day("2026-11-01"), day("2026-11-30")).unwrap()
    }

    #[test]
    fn nobody_stays_away_before_the_day_of_the_event_is_over_where_it_is_asked_for() {
        let starts_at = Some("2026-11-23T20:00:00Z".parse().unwrap());
        let no_shows = |today: &str, zone, starts_at| {
            let date = today.parse().unwrap();
            let rules = &test_rules(zone);
            let period = november();
            let today = AsOfDate {
                date,
                period,
                rules,
            };
            today.no_shows(starts_at, &metrics(3, 1))
        };
        assert_eq!(no_shows("2026-11-23", Tz::UTC, starts_at), None);
        assert_eq!(no_shows("2026-11-24", Tz::UTC, starts_at), Some(2));
        assert_eq!(no_shows("2026-11-24", Tz::Asia__Tokyo, starts_at), None);
        assert_eq!(no_shows("2026-11-25", Tz::Asia__Tokyo, starts_at), Some(2));
        assert_eq!(no_shows("2026-11-25", Tz::UTC, None), None);
        let in_october = Some("2026-10-31T20:00:00Z".parse().unwrap());
        assert_eq!(no_shows("2026-11-25", Tz::UTC, in_october), None);
        assert_eq!(no_shows("2026-11-25", Tz::Asia__Tokyo, in_october), Some(2));
    }

    #[test]
    fn no_shows_are_not_below_zero() {
        let date = "2026-11-24".parse().unwrap();
        let today = AsOfDate {
            date,
            period: november(),
            rules: &test_rules(Tz::UTC),
        };
        let starts_at = "2026-11-01T08:00:00Z".parse().unwrap();
        assert_eq!(today.no_shows(Some(starts_at), &metrics(2, 5)), Some(0));
    }
}
