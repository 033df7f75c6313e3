//! Figures by the hour of the week: when people come.

use chrono::Datelike;

use super::{Kind, Row};

const DAYS: usize = 7;
const HOURS: usize = 24;

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

impl Week {
    /// The hours of rows.
    #[must_use]
    pub fn of(rows: &[&Row]) -> Self {
        let mut week = Self::default();
        for row in rows {
            let weekday = row.day.weekday().num_days_from_monday() as usize;
            for &(hour, facts) in &row.hours {
                week.0[weekday * HOURS + usize::from(hour)][row.kind as usize] += u64::from(facts);
            }
        }
        week
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_the_same_weekday_add_up() {
        let row = |day: &str, kind, hours: &[(u8, u32)]| Row {
            hours: hours.into(),
            ..Row::blank(day, kind)
        };
        // Two Mondays, and the Sunday between them.
        let rows = [
            row("2026-11-16", Kind::View, &[(9, 2), (9, 1)]),
            row("2026-11-22", Kind::CheckIn, &[(23, 1)]),
            row("2026-11-23", Kind::View, &[(9, 4)]),
            row("2026-11-23", Kind::Completed, &[(9, 2)]),
        ];
        let week = Week::of(&rows.iter().collect::<Vec<_>>()).hours();
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
