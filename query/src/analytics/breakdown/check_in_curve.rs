//! The rush at the door: check-ins of one day, minute by minute.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};

use super::{DayFigures, Moment};

/// A minute in which somebody checked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurvePoint {
    /// When it begins.
    pub at: DateTime<Utc>,
    /// Check-ins within it.
    pub check_ins: u64,
    /// Check-ins of the day up to its end.
    pub total: u64,
}

/// The check-ins of a day, as they are counted.
#[derive(Clone, Debug, Default)]
pub struct CheckInCurve(BTreeMap<DateTime<Utc>, u64>);

impl CheckInCurve {
    /// Adds a check-in of the day.
    pub fn add(&mut self, moment: &Moment) {
        // Offsets of zones are whole minutes, so that minutes begin at the same time everywhere.
        let minute = moment.at.duration_trunc(TimeDelta::minutes(1));
        *self.0.entry(minute.unwrap_or(moment.at)).or_default() += 1;
    }

    /// One point for each minute with check-ins, in order.
    #[must_use]
    pub fn points(&self) -> Vec<CurvePoint> {
        let mut total = 0;
        let points = self.0.iter().map(|(&at, &check_ins)| {
            total += check_ins;
            CurvePoint {
                at,
                check_ins,
                total,
            }
        });
        points.collect()
    }
}

/// The day whose check-ins are shown by the minute: the day of the event, if it is one of `days`; where
/// that is not known, the day with most check-ins, the first of equal ones.
#[must_use]
pub fn day_of_check_ins(days: &[DayFigures], event_day: Option<NaiveDate>) -> Option<NaiveDate> {
    if let Some(event_day) = event_day {
        return days
            .iter()
            .map(|day| day.date)
            .find(|day| *day == event_day);
    }
    let with_any = days.iter().filter(|day| day.check_ins > 0);
    // Of equal ones the last is the greatest: the days are gone through backwards.
    let busiest = with_any.rev().max_by_key(|day| day.check_ins);
    busiest.map(|day| day.date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Kind;

    fn check_in(at: &str) -> Moment {
        Moment::new(at.parse().unwrap(), Kind::CheckIn)
    }

    fn day(date: &str, check_ins: u64) -> DayFigures {
        DayFigures {
            date: date.parse().unwrap(),
            views: 0,
            unique_views: 0,
            registrations: 0,
            cancellations: 0,
            check_ins,
        }
    }

    #[test]
    fn minutes_add_up_in_order_whatever_the_order_of_facts() {
        let mut curve = CheckInCurve::default();
        for at in [
            "2026-11-23T08:02:59.999Z",
            "2026-11-23T08:00:00Z",
            "2026-11-23T08:02:00Z",
        ] {
            curve.add(&check_in(at));
        }
        let points = curve.points();
        let told: Vec<_> = points
            .iter()
            .map(|point| (point.at.to_rfc3339(), point.check_ins, point.total))
            .collect();
        assert_eq!(
            told,
            [
                ("2026-11-23T08:00:00+00:00".to_owned(), 1, 1),
                ("2026-11-23T08:02:00+00:00".to_owned(), 2, 3)
            ]
        );
    }

    #[test]
    fn the_day_is_that_of_the_event_or_the_busiest() {
        let days = [
            day("2026-11-22", 1),
            day("2026-11-23", 4),
            day("2026-11-24", 4),
        ];
        let date = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
        assert_eq!(
            day_of_check_ins(&days, date("2026-11-22")),
            date("2026-11-22")
        );
        assert_eq!(day_of_check_ins(&days, date("2026-11-25")), None);
        assert_eq!(day_of_check_ins(&days, None), date("2026-11-23"));
        assert_eq!(day_of_check_ins(&[day("2026-11-22", 0)], None), None);
    }
}
