//! How moments are written.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

use crate::figures::ZoneClock;

/// How the moments of a file are told.
#[derive(Clone, Debug)]
pub enum Times {
    /// UTC: `2026-11-01T05:30:00.000000Z`.
    Utc,
    /// By the clock of a zone: `2026-11-01T01:30:00.000000-04:00`. The offset tells the two hours of a clock that
    /// is set back apart.
    Local(ZoneClock),
}

impl Times {
    /// RFC 3339, in microseconds, which is what is stored.
    pub(super) fn text(&self, time: DateTime<Utc>) -> String {
        match self {
            Self::Utc => time.to_rfc3339_opts(SecondsFormat::Micros, true),
            Self::Local(clock) => {
                let local = clock.show(time);
                local.to_rfc3339_opts(SecondsFormat::Micros, false)
            }
        }
    }

    /// What is shown without an offset.
    pub(super) fn shows(&self, time: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Utc => time.naive_utc(),
            Self::Local(clock) => clock.show(time).naive_local(),
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Local(clock) => clock.zone().name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::figures::clock;

    #[test]
    fn the_hour_that_new_york_has_twice_is_told_apart() {
        let times = Times::Local(clock(Tz::America__New_York));
        let text = |time: &str| times.text(time.parse().unwrap());
        assert_eq!(
            text("2026-11-01T05:30:00Z"),
            "2026-11-01T01:30:00.000000-04:00"
        );
        assert_eq!(
            text("2026-11-01T06:30:00.000001Z"),
            "2026-11-01T01:30:00.000001-05:00"
        );
        let utc = Times::Utc.text("2026-11-01T06:30:00Z".parse().unwrap());
        assert_eq!(utc, "2026-11-01T06:30:00.000000Z");
    }
}
