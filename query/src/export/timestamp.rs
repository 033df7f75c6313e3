//! The format of times.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

use crate::analytics::TimeZoneRules;

/// The time zone of the times in a file.
#[derive(Clone, Debug)]
pub enum TimestampFormat {
    /// UTC: `2026-11-01T05:30:00.000000Z`.
    Utc,
    /// Local time: `2026-11-01T01:30:00.000000-04:00`. The offset distinguishes the two hours of the end of
    /// daylight-saving time.
    Local(TimeZoneRules),
}

impl TimestampFormat {
    /// Formats a time as RFC 3339 in microseconds, the resolution of the database.
    pub(super) fn format(&self, time: DateTime<Utc>) -> String {
        match self {
            Self::Utc => time.to_rfc3339_opts(SecondsFormat::Micros, true),
            Self::Local(rules) => {
                let local = rules.to_local(time);
                local.to_rfc3339_opts(SecondsFormat::Micros, false)
            }
        }
    }

    /// Converts a time to the time zone, without the offset.
    pub(super) fn to_naive(&self, time: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Utc => time.naive_utc(),
            Self::Local(rules) => rules.to_local(time).naive_local(),
        }
    }

    pub(super) fn is_local(&self) -> bool {
        matches!(self, Self::Local(_))
    }

    pub(super) fn zone_name(&self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Local(rules) => rules.zone().name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::analytics::test_rules;

    #[test]
    fn offsets_distinguish_the_repeated_hour_of_new_york() {
        let local = TimestampFormat::Local(test_rules(Tz::America__New_York));
        let text = |time: &str| local.format(time.parse().unwrap());
        assert_eq!(
            text("2026-11-01T05:30:00Z"),
            "2026-11-01T01:30:00.000000-04:00"
        );
        assert_eq!(
            text("2026-11-01T06:30:00.000001Z"),
            "2026-11-01T01:30:00.000001-05:00"
        );
        let utc = TimestampFormat::Utc.format("2026-11-01T06:30:00Z".parse().unwrap());
        assert_eq!(utc, "2026-11-01T06:30:00.000000Z");
    }
}
