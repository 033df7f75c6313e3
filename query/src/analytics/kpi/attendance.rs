//! Who came, who came again, and who did not come.

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::{DateTime, NaiveDate, Utc};

use super::{Headline, Kind, Tally, ZoneClock};

/// The people who came to any of some events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attendance {
    /// Distinct visitors of their check-ins.
    pub attendees: u64,
    /// Those of them who came to two events or more.
    pub returning: u64,
}

impl Attendance {
    /// The attendance of events, of each of which there is one tally.
    pub(super) fn of<'a>(events: impl Iterator<Item = &'a Tally>) -> Self {
        let attendees = events.map(|event| event.visitors_of(Kind::CheckIn));
        let (attendees, returning) = VisitorSet::count_distinct_and_repeated(attendees);
        Self {
            attendees,
            returning,
        }
    }
}

/// The present day, where an answer counts days.
#[derive(Clone, Copy, Debug)]
pub struct Today<'a> {
    /// The day.
    pub date: NaiveDate,
    /// The days that are asked for, also those before the first with facts.
    pub asked: Period,
    /// The clock that it is told by.
    pub clock: &'a ZoneClock,
}

impl Today<'_> {
    /// Confirmed registrations that nobody came with, once the day of an event is over; only where that day
    /// is asked for, since nobody comes on another. Where more came than had registered, nobody stayed
    /// away.
    pub(super) fn no_shows(
        self,
        starts_at: Option<DateTime<Utc>>,
        headline: &Headline,
    ) -> Option<u64> {
        let day = self.clock.day(starts_at?);
        let is_told = day < self.date && (self.asked.from..=self.asked.to).contains(&day);
        let missing = headline.confirmed_registrations;
        is_told.then(|| missing.saturating_sub(headline.checked_in))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::figures::clock;

    fn headline(confirmed: u64, checked_in: u64) -> Headline {
        Headline {
            confirmed_registrations: confirmed,
            checked_in,
            ..Headline::from(&Tally::default())
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
            let clock = &clock(zone);
            let asked = november();
            let today = Today { date, asked, clock };
            today.no_shows(starts_at, &headline(3, 1))
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
        let today = Today {
            date,
            asked: november(),
            clock: &clock(Tz::UTC),
        };
        let starts_at = "2026-11-01T08:00:00Z".parse().unwrap();
        assert_eq!(today.no_shows(Some(starts_at), &headline(2, 5)), Some(0));
    }
}
