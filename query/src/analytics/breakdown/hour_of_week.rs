//! Activity by hour of the week.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use poem_openapi::Object;

use crate::analytics::aggregate::{HourCounts, HourlyCounts};

const DAYS: u8 = 7;
const HOURS: u8 = 24;

/// Activity in one hour of the week, in local time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Object)]
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

/// Adds up days in all 168 hours of the week, from midnight on Monday, hours without facts included.
pub fn by_hour_of_week(days: &[(NaiveDate, Arc<HourlyCounts>)]) -> Vec<HourOfWeek> {
    let hours = (1..=DAYS).flat_map(|weekday| (0..HOURS).map(move |hour| (weekday, hour)));
    let mut hours: Vec<_> = hours
        .map(|(weekday, hour)| HourOfWeek {
            weekday,
            hour,
            ..HourOfWeek::default()
        })
        .collect();
    for (day, counts) in days {
        let midnight = day.weekday().num_days_from_monday() as usize * usize::from(HOURS);
        for (hour, counts) in hours[midnight..].iter_mut().zip(&counts.0) {
            hour.add(counts);
        }
    }
    hours
}

impl HourOfWeek {
    fn add(&mut self, counts: &HourCounts) {
        self.views += counts.views;
        self.registrations += counts.registrations;
        self.cancellations += counts.cancellations;
        self.check_ins += counts.check_ins;
    }

    /// Returns whether the hour has any activity.
    pub fn is_active(&self) -> bool {
        self.views + self.registrations + self.cancellations + self.check_ins > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{
        aggregate::RollupRows,
        model::{EventKind, RollupRow},
    };

    #[test]
    fn hours_of_the_same_weekday_add_up() {
        let row = |day: &str, kind, hours: &[(u8, u32)]| RollupRow {
            hours: hours.to_vec(),
            ..RollupRow::blank(day, kind)
        };
        // Two Mondays, and the Sunday between them.
        let rows = [
            row("2026-11-16", EventKind::View, &[(9, 2), (9, 1)]),
            row("2026-11-22", EventKind::CheckIn, &[(23, 1)]),
            row("2026-11-23", EventKind::View, &[(9, 4)]),
            row("2026-11-23", EventKind::Completed, &[(9, 2)]),
        ];
        let rows: RollupRows = rows.into_iter().collect();
        let week = by_hour_of_week(&rows.hours());
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
