//! Check-ins of one day by the minute.

use chrono::{DateTime, FixedOffset, NaiveDate};
use poem_openapi::Object;

use crate::analytics::{
    aggregate::{CheckInCounter, DailyMetrics},
    model::CalendarDate,
    time::TimeZoneRules,
};

/// Check-ins of one day by the minute.
#[derive(Clone, Debug, Object)]
pub struct CheckInCurve {
    /// Calendar day.
    pub date: CalendarDate,
    /// The minutes with check-ins, in order.
    pub points: Vec<CurvePoint>,
}

/// One minute with check-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct CurvePoint {
    /// Start of the minute, with the UTC offset of the time zone.
    pub at: DateTime<FixedOffset>,
    /// Check-ins within the minute.
    pub check_ins: u64,
    /// Check-ins of the day up to the end of the minute.
    pub total: u64,
}

impl CheckInCurve {
    /// Builds the curve of the day `date`.
    pub fn of(check_ins: &CheckInCounter, date: NaiveDate, rules: &TimeZoneRules) -> Self {
        let mut total = 0;
        let points = check_ins.minutes().map(|(at, check_ins)| {
            total += check_ins;
            CurvePoint {
                at: rules.to_local(at),
                check_ins,
                total,
            }
        });
        Self {
            date: CalendarDate(date),
            points: points.collect(),
        }
    }
}

/// Returns the day of the check-in curve: the day of the event if it is one of `days`, or, if the
/// event's day is unknown, the first of the days with most check-ins.
pub fn busiest_day(days: &[DailyMetrics], event_day: Option<NaiveDate>) -> Option<NaiveDate> {
    if let Some(event_day) = event_day {
        let mut dates = days.iter().map(|day| day.date.0);
        return dates.find(|date| *date == event_day);
    }
    let with_check_ins = days.iter().filter(|day| day.counts.check_ins > 0);
    // `max_by_key` returns the last maximum, so iterate in reverse to get the first.
    let busiest = with_check_ins.rev().max_by_key(|day| day.counts.check_ins);
    busiest.map(|day| day.date.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{
        aggregate::ActivityCounts,
        model::{EventKind, RawFact},
    };

    fn check_in(at: &str) -> RawFact {
        RawFact::new(at.parse().unwrap(), EventKind::CheckIn)
    }

    fn day(date: &str, check_ins: u64) -> DailyMetrics {
        DailyMetrics {
            date: CalendarDate(date.parse().unwrap()),
            counts: ActivityCounts {
                check_ins,
                ..ActivityCounts::default()
            },
        }
    }

    #[test]
    fn minutes_add_up_in_order_whatever_the_order_of_facts() {
        let mut counter = CheckInCounter::default();
        for at in [
            "2026-11-23T08:02:59.999Z",
            "2026-11-23T08:00:00Z",
            "2026-11-23T08:02:00Z",
        ] {
            counter.add(&check_in(at));
        }
        let utc = TimeZoneRules::new(chrono_tz::Tz::UTC, Vec::new());
        let points = CheckInCurve::of(&counter, "2026-11-23".parse().unwrap(), &utc).points;
        let minutes: Vec<_> = points
            .iter()
            .map(|point| (point.at.to_rfc3339(), point.check_ins, point.total))
            .collect();
        assert_eq!(
            minutes,
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
        assert_eq!(busiest_day(&days, date("2026-11-22")), date("2026-11-22"));
        assert_eq!(busiest_day(&days, date("2026-11-25")), None);
        assert_eq!(busiest_day(&days, None), date("2026-11-23"));
        assert_eq!(busiest_day(&[day("2026-11-22", 0)], None), None);
    }
}
