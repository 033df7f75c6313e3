//! How moments are written.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

/// Whose clock tells the moments of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// UTC: `2026-11-01T05:30:00.000000Z`.
    Utc,
    /// A zone's: `2026-11-01T01:30:00.000000-04:00`. The offset tells the two hours of a clock that
    /// is set back apart.
    Zone(Tz),
}

impl Clock {
    /// RFC 3339, in microseconds, which is what is stored.
    pub(super) fn text(self, time: DateTime<Utc>) -> String {
        match self {
            Self::Utc => time.to_rfc3339_opts(SecondsFormat::Micros, true),
            Self::Zone(zone) => {
                let local = time.with_timezone(&zone);
                local.to_rfc3339_opts(SecondsFormat::Micros, false)
            }
        }
    }

    /// What the clock shows.
    pub(super) fn shows(self, time: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Utc => time.naive_utc(),
            Self::Zone(zone) => time.with_timezone(&zone).naive_local(),
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Zone(zone) => zone.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_new_york_has_twice_is_told_apart() {
        let clock = Clock::Zone(Tz::America__New_York);
        let text = |time: &str| clock.text(time.parse().unwrap());
        assert_eq!(
            text("2026-11-01T05:30:00Z"),
            "2026-11-01T01:30:00.000000-04:00"
        );
        assert_eq!(
            text("2026-11-01T06:30:00.000001Z"),
            "2026-11-01T01:30:00.000001-05:00"
        );
        let utc = Clock::Utc.text("2026-11-01T06:30:00Z".parse().unwrap());
        assert_eq!(utc, "2026-11-01T06:30:00.000000Z");
    }
}
