//! Activity by hour of the week.

use chrono::Datelike;
use poem_openapi::Object;

use crate::analytics::model::{EventKind, RollupRow};

const DAYS: usize = 7;
const HOURS: usize = 24;

/// Activity in one hour of the week, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct HourOfWeek {
    /// Day of the week, from 1 (Monday) to 7 (Sunday).
    #[oai(validator(minimum(value = "1"), maximum(value = "7")))]
    pub weekday: u8,
    /// Hour of the day, from 0 to 23.
    #[oai(validator(maximum(value = "23")))]
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

/// Counts of facts by hour of the week and kind.
#[derive(Clone, Debug)]
pub struct HourOfWeekHistogram(Vec<[u64; EventKind::ALL.len()]>);

impl HourOfWeekHistogram {
    /// Counts the facts of rows.
    pub fn of(rows: &[&RollupRow]) -> Self {
        let mut hours = vec![<[u64; EventKind::ALL.len()]>::default(); DAYS * HOURS];
        for row in rows {
            let weekday = row.day.weekday().num_days_from_monday() as usize;
            for &(hour, facts) in &row.hours {
                let counts = &mut hours[weekday * HOURS + usize::from(hour)];
                counts[row.kind as usize] += u64::from(facts);
            }
        }
        Self(hours)
    }

    /// Returns all 168 hours of the week, from midnight on Monday, hours without facts included.
    pub fn hours(&self) -> Vec<HourOfWeek> {
        let hours = (1..).zip(self.0.chunks(HOURS)).flat_map(|(weekday, day)| {
            (0..).zip(day).map(move |(hour, counts)| HourOfWeek {
                weekday,
                hour,
                views: counts[EventKind::View as usize],
                registrations: counts[EventKind::Completed as usize],
                cancellations: counts[EventKind::Cancelled as usize],
                check_ins: counts[EventKind::CheckIn as usize],
            })
        });
        hours.collect()
    }
}

impl HourOfWeek {
    /// Returns whether the hour has any activity.
    pub fn is_active(&self) -> bool {
        self.views + self.registrations + self.cancellations + self.check_ins > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_the_same_weekday_add_up() {
        let row = |day: &str, kind, hours: &[(u8, u32)]| RollupRow {
            hours: hours.into(),
            ..RollupRow::blank(day, kind)
        };
        // Two Mondays, and the Sunday between them.
        let rows = [
            row("2026-11-16", EventKind::View, &[(9, 2), (9, 1)]),
            row("2026-11-22", EventKind::CheckIn, &[(23, 1)]),
            row("2026-11-23", EventKind::View, &[(9, 4)]),
            row("2026-11-23", EventKind::Completed, &[(9, 2)]),
        ];
        let week = HourOfWeekHistogram::of(&rows.iter().collect::<Vec<_>>()).hours();
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
