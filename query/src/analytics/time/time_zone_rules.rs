//! What clocks in a zone show: the days of moments, when days begin, and the hours in between. Days of 23
//! and 25 hours, changes by half an hour, zones at :30 and :45, and days that a zone left out all follow
//! from looking at the clock every quarter of an hour.
//!
//! The rules are those of the database, which counts the days: governments change them at short notice, and
//! a library of ours may be older or newer.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use analytics_shared::period::Period;
use chrono::{
    DateTime, DurationRound, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, Timelike, Utc,
};
use chrono_tz::Tz;

/// Clocks are changed at full quarters of an hour. Of the rare exceptions (at one minute past midnight, the
/// last in 2022) the change is told at the next quarter.
const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// No clock is further ahead of UTC.
const FARTHEST_AHEAD: TimeDelta = TimeDelta::hours(15);

/// The clocks of a zone. It is cheap to clone.
#[derive(Clone)]
pub struct ZoneClock {
    zone: Tz,
    /// From when on which offset from UTC holds, in order; the first holds before too.
    offsets: Arc<[(DateTime<Utc>, FixedOffset)]>,
    rules: u64,
}

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

/// The quarter of an hour in which `at` lies: what a [`ZoneClock`] shows changes at none but its ends.
#[must_use]
pub fn quarter_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(QUARTER).unwrap_or(at)
}

impl PartialEq for ZoneClock {
    fn eq(&self, other: &Self) -> bool {
        (self.zone, self.rules) == (other.zone, other.rules)
    }
}

impl Eq for ZoneClock {}

impl Hash for ZoneClock {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.zone, self.rules).hash(state);
    }
}

impl ZoneClock {
    /// The clocks of `zone`, of which each offset holds from its time on, the first also before; without
    /// any, they show UTC.
    #[must_use]
    pub fn new(zone: Tz, offsets: Vec<(DateTime<Utc>, FixedOffset)>) -> Self {
        let mut hasher = DefaultHasher::new();
        for (since, offset) in &offsets {
            (since, offset.local_minus_utc()).hash(&mut hasher);
        }
        Self {
            zone,
            offsets: offsets.into(),
            rules: hasher.finish(),
        }
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Stands for the rules: others have another number.
    #[must_use]
    pub fn rules(&self) -> u64 {
        self.rules
    }

    /// What clocks show at that moment.
    #[must_use]
    pub fn show(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        let held = self.offsets.partition_point(|(from, _)| *from <= at);
        let offset = self.offsets.get(held.saturating_sub(1));
        at.with_timezone(&offset.map_or(Utc.fix(), |(_, offset)| *offset))
    }

    /// The calendar day of that moment.
    #[must_use]
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.show(at).date_naive()
    }

    /// When `day` begins; a day that the zone leaves out begins with the next one.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let mut at = day.and_time(NaiveTime::MIN).and_utc() - FARTHEST_AHEAD;
        while self.day(at) < day {
            at += QUARTER;
        }
        at
    }

    /// When the day after the last one of `period` begins.
    #[must_use]
    pub fn end_of(&self, period: Period) -> DateTime<Utc> {
        self.start_of(period.to.succ_opt().unwrap_or(period.to))
    }

    /// The hours of `period`, in order and without a gap.
    #[must_use]
    pub fn hours(&self, period: Period) -> Vec<WallHour> {
        let (mut at, end) = (self.start_of(period.from), self.end_of(period));
        let mut hours = Vec::<(Shown, WallHour)>::new();
        while at < end {
            let (shown, ends_at) = (self.date_and_hour(at), at + QUARTER);
            match hours.last_mut() {
                Some((before, hour)) if *before == shown => hour.ends_at = ends_at,
                _ => {
                    let hour = WallHour {
                        day: shown.0,
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

    fn date_and_hour(&self, at: DateTime<Utc>) -> Shown {
        let shown = self.show(at);
        (shown.date_naive(), shown.hour(), *shown.offset())
    }
}

type Shown = (NaiveDate, u32, FixedOffset);

/// The zone, and what stands for its rules: clocks that show different times are written differently.
impl fmt::Debug for ZoneClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {:x}", self.zone, self.rules)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A clock by the rules of our library, from 2011 to 2026.
    pub(crate) fn clock(zone: Tz) -> ZoneClock {
        let offset = |at: DateTime<Utc>| at.with_timezone(&zone).offset().fix();
        let mut at: DateTime<Utc> = "2011-01-01T00:00:00Z".parse().unwrap();
        let end: DateTime<Utc> = "2027-01-01T00:00:00Z".parse().unwrap();
        let mut offsets = vec![(at, offset(at))];
        while at < end {
            let next = at + TimeDelta::days(1);
            if offset(next) != offset(at) {
                let mut changed = at;
                while offset(changed) == offset(at) {
                    changed += QUARTER;
                }
                offsets.push((changed, offset(changed)));
            }
            at = next;
        }
        ZoneClock::new(zone, offsets)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// How many hours a day has, and those of them that are shorter, as `from-to` on the clock.
    fn hours_of(of: &str, zone: Tz) -> (usize, Vec<String>) {
        let period = Period::new(day(of), day(of)).unwrap();
        let clock = clock(zone);
        let hours = clock.hours(period);
        assert!(hours.iter().all(|hour| hour.day == day(of)));
        let gapless = hours
            .windows(2)
            .all(|two| two[0].ends_at == two[1].starts_at);
        assert!(gapless);
        let short = hours
            .iter()
            .filter(|hour| hour.ends_at - hour.starts_at != TimeDelta::hours(1));
        let shown = |at| clock.show(at).format("%H:%M").to_string();
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
        let starts = |of, zone| clock(zone).start_of(day(of)).to_rfc3339();
        let begins = starts("2026-11-23", Tz::Asia__Kathmandu);
        assert_eq!(begins, "2026-11-22T18:15:00+00:00");
        // Midnight is left out: the day begins at one o'clock.
        let begins = starts("2025-03-09", Tz::America__Havana);
        assert_eq!(begins, "2025-03-09T05:00:00+00:00");
        // Apia left the whole 30th out.
        let apia = Tz::Pacific__Apia;
        assert_eq!(starts("2011-12-30", apia), "2011-12-30T10:00:00+00:00");
        assert_eq!(starts("2011-12-31", apia), starts("2011-12-30", apia));
        assert_eq!(hours_of("2011-12-30", apia), (0, Vec::new()));
        assert_eq!(hours_of("2011-12-31", apia).0, 24);
    }

    #[test]
    fn a_clock_without_rules_shows_utc() {
        let noon: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let clock = ZoneClock::new(Tz::UTC, Vec::new());
        assert_eq!(clock.show(noon).to_rfc3339(), "2026-11-23T12:00:00+00:00");
    }
}
