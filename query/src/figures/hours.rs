//! Figures by the hour of the week: when people come.

use std::borrow::Borrow;

use chrono::{Datelike, NaiveDate, Timelike};

use super::{Kind, Moment, ZoneClock};

const DAYS: usize = 7;
const HOURS: usize = 24;

/// Facts of one kind within one hour of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourCount {
    /// The day.
    pub day: NaiveDate,
    /// The hour that a clock shows, 0 to 23. One that a clock change repeats is one hour of twice the
    /// length.
    pub hour: u8,
    /// What happened.
    pub kind: Kind,
    /// How many facts.
    pub count: u64,
}

/// One hour of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourOfWeek {
    /// 1 is Monday, 7 is Sunday (ISO 8601).
    pub weekday: u8,
    /// The hour that a clock shows, 0 to 23.
    pub hour: u8,
    /// Page views.
    pub views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// A week, as its hours are counted.
#[derive(Clone, Debug)]
pub struct Week(Vec<[u64; Kind::ALL.len()]>);

impl Default for Week {
    fn default() -> Self {
        Self(vec![Default::default(); DAYS * HOURS])
    }
}

impl HourCount {
    /// A fact by itself, as `clock` shows it.
    #[must_use]
    pub fn of(moment: &Moment, clock: &ZoneClock) -> Self {
        let shown = clock.show(moment.at);
        Self {
            day: shown.date_naive(),
            hour: u8::try_from(shown.hour()).unwrap_or_default(),
            kind: moment.kind,
            count: 1,
        }
    }
}

impl Week {
    /// Counts facts.
    pub fn add(&mut self, one: &HourCount) {
        let weekday = one.day.weekday().num_days_from_monday() as usize;
        let hour = weekday * HOURS + usize::from(one.hour);
        self.0[hour][one.kind as usize] += one.count;
    }

    /// All 168 hours of the week, from midnight on Monday, also those in which nothing happened.
    #[must_use]
    pub fn hours(&self) -> Vec<HourOfWeek> {
        let hours = (1..).zip(self.0.chunks(HOURS)).flat_map(|(weekday, day)| {
            (0..).zip(day).map(move |(hour, counts)| HourOfWeek {
                weekday,
                hour,
                views: counts[Kind::View as usize],
                registrations: counts[Kind::Completed as usize],
                cancellations: counts[Kind::Cancelled as usize],
                check_ins: counts[Kind::CheckIn as usize],
            })
        });
        hours.collect()
    }
}

impl<T: Borrow<HourCount>> FromIterator<T> for Week {
    fn from_iter<I: IntoIterator<Item = T>>(counts: I) -> Self {
        let mut week = Self::default();
        for one in counts {
            week.add(one.borrow());
        }
        week
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_the_same_weekday_add_up() {
        let count = |day: &str, hour, kind, count| HourCount {
            day: day.parse().unwrap(),
            hour,
            kind,
            count,
        };
        // Two Mondays, and the Sunday between them.
        let counts = [
            count("2026-11-16", 9, Kind::View, 3),
            count("2026-11-22", 23, Kind::CheckIn, 1),
            count("2026-11-23", 9, Kind::View, 4),
            count("2026-11-23", 9, Kind::Completed, 2),
        ];
        let week = counts.iter().collect::<Week>().hours();
        assert_eq!(week.len(), 168);
        let monday = week[9];
        assert_eq!((monday.weekday, monday.hour), (1, 9));
        assert_eq!((monday.views, monday.registrations), (7, 2));
        let sunday = week[167];
        assert_eq!((sunday.weekday, sunday.hour, sunday.check_ins), (7, 23, 1));
        let all: u64 = week.iter().map(|hour| hour.views).sum();
        assert_eq!(all, 7);
    }
}
