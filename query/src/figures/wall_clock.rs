//! What clocks in a zone show: when its days begin, and the hours that they show in between. Days of 23
//! and 25 hours, changes by half an hour, zones at :30 and :45, and days that a zone left out all follow
//! from looking at the clock every quarter of an hour.

use analytics_shared::period::{Period, day_in};
use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, Offset, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

/// All offsets since 1970 that facts can have are multiples of it.
const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// No clock is further ahead of UTC.
const FARTHEST_AHEAD: TimeDelta = TimeDelta::hours(15);

/// A time during which a clock shows the same date and hour, at the same offset from UTC. Mostly an
/// hour; what a change of the clock leaves of one is a stretch of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallHour {
    /// The date that the clock shows.
    pub day: NaiveDate,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When the next begins.
    pub ends_at: DateTime<Utc>,
}

/// The quarter of an hour in which `at` lies: nothing of what is here changes within it.
#[must_use]
pub fn quarter_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(QUARTER).unwrap_or(at)
}

/// When `day` begins in `zone`; a day that the zone leaves out begins with the next one.
#[must_use]
pub fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let mut at = day.and_time(NaiveTime::MIN).and_utc() - FARTHEST_AHEAD;
    while day_in(at, zone) < day {
        at += QUARTER;
    }
    at
}

/// When the day after the last one of `period` begins in `zone`.
#[must_use]
pub fn end_of(period: Period, zone: Tz) -> DateTime<Utc> {
    start_of(period.to.succ_opt().unwrap_or(period.to), zone)
}

/// The hours of `period`, in order and without a gap.
#[must_use]
pub fn hours(period: Period, zone: Tz) -> Vec<WallHour> {
    let (mut at, end) = (start_of(period.from, zone), end_of(period, zone));
    let mut hours = Vec::<(Shown, WallHour)>::new();
    while at < end {
        let (shown, ends_at) = (shown(at, zone), at + QUARTER);
        match hours.last_mut() {
            Some((before, hour)) if *before == shown => hour.ends_at = ends_at,
            _ => {
                let day = shown.0;
                let hour = WallHour {
                    day,
                    starts_at: at,
                    ends_at,
                };
                hours.push((shown, hour));
            }
        }
        at = ends_at;
    }
    hours.into_iter().map(|(_, hour)| hour).collect()
}

/// The date, the hour, and the offset from UTC in seconds.
type Shown = (NaiveDate, u32, i32);

fn shown(at: DateTime<Utc>, zone: Tz) -> Shown {
    let local = at.with_timezone(&zone);
    let offset = local.offset().fix().local_minus_utc();
    (local.date_naive(), local.hour(), offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// How many hours a day has, and those of them that are shorter, as `from-to` on the clock.
    fn hours_of(of: &str, zone: Tz) -> (usize, Vec<String>) {
        let period = Period::new(day(of), day(of)).unwrap();
        let hours = hours(period, zone);
        assert!(hours.iter().all(|hour| hour.day == day(of)));
        let gapless = hours
            .windows(2)
            .all(|two| two[0].ends_at == two[1].starts_at);
        assert!(gapless);
        let short = hours
            .iter()
            .filter(|hour| hour.ends_at - hour.starts_at != TimeDelta::hours(1));
        let clock = |at: DateTime<Utc>| at.with_timezone(&zone).format("%H:%M").to_string();
        let short = short.map(|hour| format!("{}-{}", clock(hour.starts_at), clock(hour.ends_at)));
        (hours.len(), short.collect())
    }

    #[test]
    fn a_day_has_the_hours_that_its_clocks_show() {
        let whole = Vec::<String>::new();
        let (new_york, berlin) = (Tz::America__New_York, Tz::Europe__Berlin);
        assert_eq!(hours_of("2026-03-08", new_york), (23, whole.clone()));
        assert_eq!(hours_of("2026-11-01", new_york), (25, whole.clone()));
        assert_eq!(hours_of("2026-11-02", new_york), (24, whole.clone()));
        assert_eq!(hours_of("2026-03-29", berlin), (23, whole.clone()));
        assert_eq!(hours_of("2026-10-25", berlin), (25, whole.clone()));
        assert_eq!(
            hours_of("2026-11-01", Tz::Asia__Kolkata),
            (24, whole.clone())
        );
        assert_eq!(hours_of("2026-11-01", Tz::Asia__Kathmandu), (24, whole));
    }

    #[test]
    fn half_an_hour_that_is_left_out_or_repeated_stands_alone() {
        let zone = Tz::Australia__Lord_Howe;
        assert_eq!(
            hours_of("2026-10-04", zone),
            (24, vec!["02:30-03:00".into()])
        );
        assert_eq!(
            hours_of("2026-04-05", zone),
            (25, vec!["01:30-02:00".into()])
        );
    }

    #[test]
    fn a_day_begins_at_midnight_or_with_what_follows_it() {
        let starts = |of, zone| start_of(day(of), zone).to_rfc3339();
        let begins = starts("2026-11-23", Tz::Asia__Kathmandu);
        assert_eq!(begins, "2026-11-22T18:15:00+00:00");
        // Midnight is left out: the day begins at one o'clock.
        let begins = starts("2026-03-08", Tz::America__Havana);
        assert_eq!(begins, "2026-03-08T05:00:00+00:00");
        // Apia left the whole 30th out.
        let apia = Tz::Pacific__Apia;
        assert_eq!(starts("2011-12-30", apia), "2011-12-30T10:00:00+00:00");
        assert_eq!(starts("2011-12-31", apia), starts("2011-12-30", apia));
        assert_eq!(hours_of("2011-12-30", apia), (0, Vec::new()));
        assert_eq!(hours_of("2011-12-31", apia).0, 24);
    }
}
