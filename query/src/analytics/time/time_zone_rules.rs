//! Rules of time zones: UTC to local time, starts of days, and local hours. Days of 23 and 25 hours,
//! changes by half an hour, offsets of :30 and :45 and skipped days all follow from evaluating the
//! local time every quarter of an hour.
//!
//! The rules come from the database, which counts the days: governments change them at short notice,
//! and the rules compiled into this program may be older or newer.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use analytics_shared::period::Period;
use chrono::{
    DateTime, DurationRound, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc,
};
use chrono_tz::Tz;

/// Resolution of offset changes. The last change at another time was in 2022 (at 00:01); such a change takes
/// effect at the next quarter.
const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// An upper bound of the offset of any zone.
const MAX_OFFSET: TimeDelta = TimeDelta::hours(15);

/// The UTC offsets of a time zone. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct TimeZoneRules {
    zone: Tz,
    /// Offsets with the time from which each applies, in order. Before the first, when there are no facts, the rules
    /// compiled into this program apply.
    offsets: Arc<[(DateTime<Utc>, FixedOffset)]>,
    /// Hash of the offsets, for fast comparison.
    fingerprint: u64,
}

/// A time with the same local date, hour and UTC offset: one hour, or less at a change of the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalHour {
    pub day: NaiveDate,
    /// Start of the hour.
    pub starts_at: DateTime<Utc>,
    /// Start of the next hour.
    pub ends_at: DateTime<Utc>,
}

/// Returns the quarter of an hour that contains `at`. Local hours start at no other times.
pub fn floor_to_quarter_hour(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(QUARTER).unwrap_or(at)
}

impl PartialEq for TimeZoneRules {
    fn eq(&self, other: &Self) -> bool {
        (self.zone, self.fingerprint) == (other.zone, other.fingerprint)
    }
}

impl Eq for TimeZoneRules {}

impl Hash for TimeZoneRules {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.zone, self.fingerprint).hash(state);
    }
}

impl TimeZoneRules {
    /// Builds the rules of `zone` from its offsets, each with the time from which it applies.
    pub fn new(zone: Tz, offsets: Vec<(DateTime<Utc>, FixedOffset)>) -> Self {
        let mut hasher = DefaultHasher::new();
        for (since, offset) in &offsets {
            (since, offset.local_minus_utc()).hash(&mut hasher);
        }
        Self {
            zone,
            offsets: offsets.into(),
            fingerprint: hasher.finish(),
        }
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    pub fn to_local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        let started = self.offsets.partition_point(|(from, _)| *from <= at);
        match self.offsets[..started].last() {
            Some((_, offset)) => at.with_timezone(offset),
            None => at.with_timezone(&self.zone).fixed_offset(),
        }
    }

    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.to_local(at).date_naive()
    }

    /// Returns the start of `day`; for a day that the zone skipped, the start of the next day.
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let mut at = day.and_time(NaiveTime::MIN).and_utc() - MAX_OFFSET;
        while self.day(at) < day {
            at += QUARTER;
        }
        at
    }

    /// Returns the start of the day after the last day of `period`.
    pub fn end_of(&self, period: Period) -> DateTime<Utc> {
        self.start_of(period.to.succ_opt().unwrap_or(period.to))
    }

    /// Returns the local hours of `period`, in order and without gaps.
    pub fn hours(&self, period: Period) -> Vec<LocalHour> {
        let (mut at, end) = (self.start_of(period.from), self.end_of(period));
        let mut hours = Vec::<(HourKey, LocalHour)>::new();
        while at < end {
            let (key, ends_at) = (self.hour_key(at), at + QUARTER);
            match hours.last_mut() {
                Some((last, hour)) if *last == key => hour.ends_at = ends_at,
                _ => {
                    let hour = LocalHour {
                        day: key.0,
                        starts_at: at,
                        ends_at,
                    };
                    hours.push((key, hour));
                }
            }
            at = ends_at;
        }
        hours.into_iter().map(|(_, hour)| hour).collect()
    }

    fn hour_key(&self, at: DateTime<Utc>) -> HourKey {
        let local = self.to_local(at);
        (local.date_naive(), local.hour(), *local.offset())
    }
}

/// Local date, hour and UTC offset: the offset distinguishes a repeated hour.
type HourKey = (NaiveDate, u32, FixedOffset);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::time::tests::test_rules;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Returns the number of hours of a day, and the shorter ones as `from-to` in local time.
    fn hours_of(of: &str, zone: Tz) -> (usize, Vec<String>) {
        let period = Period::new(day(of), day(of)).unwrap();
        let rules = test_rules(zone);
        let hours = rules.hours(period);
        assert!(hours.iter().all(|hour| hour.day == day(of)));
        let gapless = hours
            .windows(2)
            .all(|two| two[0].ends_at == two[1].starts_at);
        assert!(gapless);
        let short = hours
            .iter()
            .filter(|hour| hour.ends_at - hour.starts_at != TimeDelta::hours(1));
        let shown = |at| rules.to_local(at).format("%H:%M").to_string();
        let short = short.map(|hour| format!("{}-{}", shown(hour.starts_at), shown(hour.ends_at)));
        (hours.len(), short.collect())
    }

    #[test]
    fn a_day_has_the_hours_that_its_clocks_show() {
        let whole = Vec::<String>::new();
        let (new_york, berlin) = (Tz::America__New_York, Tz::Europe__Berlin);
        assert_eq!(hours_of("2026-03-08", new_york), (23, whole.clone()));
        assert_eq!(hours_of("2025-11-02", new_york), (25, whole.clone()));
        assert_eq!(hours_of("2025-11-03", new_york), (24, whole.clone()));
        assert_eq!(hours_of("2026-03-29", berlin), (23, whole.clone()));
        assert_eq!(hours_of("2025-10-26", berlin), (25, whole.clone()));
        let (kolkata, kathmandu) = (Tz::Asia__Kolkata, Tz::Asia__Kathmandu);
        assert_eq!(hours_of("2026-11-01", kolkata), (24, whole.clone()));
        assert_eq!(hours_of("2026-11-01", kathmandu), (24, whole));
    }

    #[test]
    fn half_an_hour_that_is_left_out_or_repeated_stands_alone() {
        let zone = Tz::Australia__Lord_Howe;
        assert_eq!(
            hours_of("2025-10-05", zone),
            (24, vec!["02:30-03:00".into()])
        );
        assert_eq!(
            hours_of("2026-04-05", zone),
            (25, vec!["01:30-02:00".into()])
        );
    }

    #[test]
    fn a_day_begins_at_midnight_or_with_what_follows_it() {
        let starts = |of, zone| test_rules(zone).start_of(day(of)).to_rfc3339();
        let begins = starts("2026-11-23", Tz::Asia__Kathmandu);
        assert_eq!(begins, "2026-11-22T18:15:00+00:00");
        // Midnight is skipped: the day starts at one o'clock.
        let begins = starts("2025-03-09", Tz::America__Havana);
        assert_eq!(begins, "2025-03-09T05:00:00+00:00");
        // Apia skipped the 30th.
        let apia = Tz::Pacific__Apia;
        assert_eq!(starts("2011-12-30", apia), "2011-12-30T10:00:00+00:00");
        assert_eq!(starts("2011-12-31", apia), starts("2011-12-30", apia));
        assert_eq!(hours_of("2011-12-30", apia), (0, Vec::new()));
        assert_eq!(hours_of("2011-12-31", apia).0, 24);
    }

    #[test]
    fn rules_without_offsets_are_utc() {
        let noon: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let rules = TimeZoneRules::new(Tz::UTC, Vec::new());
        assert_eq!(
            rules.to_local(noon).to_rfc3339(),
            "2026-11-23T12:00:00+00:00"
        );
    }

    #[test]
    fn before_the_first_offset_the_compiled_rules_apply() {
        let (zone, noon) = (Tz::America__New_York, "2026-07-01T12:00:00Z");
        let noon: DateTime<Utc> = noon.parse().unwrap();
        let changed = FixedOffset::west_opt(6 * 3600).unwrap();
        let rules = TimeZoneRules::new(zone, vec![(noon, changed)]);
        let local = |at| rules.to_local(at).to_rfc3339();
        assert_eq!(local(noon), "2026-07-01T06:00:00-06:00");
        assert_eq!(local(noon - QUARTER), "2026-07-01T07:45:00-04:00");
    }
}
