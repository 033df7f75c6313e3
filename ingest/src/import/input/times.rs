//! The times of rows: with an offset, or local times of a time zone.

use analytics_shared::parse::time;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use chrono_tz::Tz;

use super::rejection::Rejection;

/// The options for the times of rows.
#[derive(Clone, Debug, Default)]
pub struct TimeOptions {
    /// The time zone of times without an offset; without it, they are errors.
    pub zone: Option<Tz>,
    /// The format of times, in the notation of `strftime`; ISO 8601 is read in any case.
    pub format: Option<String>,
}

impl TimeOptions {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.zone.is_none() && self.format.is_none()
    }

    /// Returns a time as RFC 3339, or a text that is no time as it is.
    ///
    /// # Errors
    /// If a local time has no time zone.
    pub fn normalize(&self, text: &str) -> Result<String, Rejection> {
        let text = text.trim();
        if let Some(time) = self.with_format(text) {
            return self.to_utc(time);
        }
        if let Ok(instant) = time::parse(text) {
            return Ok(rfc3339(instant));
        }
        match (
            time::parse_in(text, self.zone.unwrap_or(Tz::UTC)),
            self.zone,
        ) {
            (Ok(local), Some(_)) => Ok(rfc3339(local)),
            (Ok(_), None) => Err(without_zone()),
            (Err(_), _) => Ok(text.to_owned()),
        }
    }

    fn with_format(&self, text: &str) -> Option<Parsed> {
        let format = self.format.as_deref()?;
        let instant = || {
            DateTime::parse_from_str(text, format)
                .ok()
                .map(Parsed::Instant)
        };
        let local = || {
            NaiveDateTime::parse_from_str(text, format)
                .ok()
                .map(Parsed::Local)
        };
        let day = || NaiveDate::parse_from_str(text, format).ok();
        instant()
            .or_else(local)
            .or_else(|| day().map(|day| Parsed::Local(midnight(day))))
    }

    fn to_utc(&self, time: Parsed) -> Result<String, Rejection> {
        match (time, self.zone) {
            (Parsed::Instant(instant), _) => Ok(rfc3339(instant.to_utc())),
            (Parsed::Local(local), Some(zone)) => {
                let out_of_range = || Rejection::invalid("createdAt", "is out of range");
                time::of_local(local, zone)
                    .map(rfc3339)
                    .ok_or_else(out_of_range)
            }
            (Parsed::Local(_), None) => Err(without_zone()),
        }
    }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn without_zone() -> Rejection {
    let message = "has no offset: name the time zone with --timezone";
    Rejection::invalid("createdAt", message)
}

enum Parsed {
    Instant(DateTime<FixedOffset>),
    Local(NaiveDateTime),
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(zone: Option<Tz>, format: Option<&str>) -> TimeOptions {
        let format = format.map(str::to_owned);
        TimeOptions { zone, format }
    }

    #[test]
    fn a_local_time_is_one_of_the_zone() {
        let berlin = options(Some(Tz::Europe__Berlin), None);
        for (text, expected) in [
            ("2026-07-01 12:00", "2026-07-01T10:00:00Z"),
            ("2026-12-01T12:00:00.5", "2026-12-01T11:00:00.500Z"),
            ("2026-12-01 12:00:00,123", "2026-12-01T11:00:00.123Z"),
            ("2026-12-01", "2026-11-30T23:00:00Z"),
            // Repeated and skipped by clocks.
            ("2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
            ("2026-03-29 02:30:00", "2026-03-29T01:00:00Z"),
            // With an offset.
            ("2026-12-01 12:00:00+00", "2026-12-01T12:00:00Z"),
            ("2026-12-01T12:00:00Z", "2026-12-01T12:00:00Z"),
            ("yesterday", "yesterday"),
        ] {
            assert_eq!(berlin.normalize(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_local_time_without_a_zone_is_an_error_of_its_field() {
        let error = options(None, None)
            .normalize("2026-07-01 12:00")
            .unwrap_err();
        assert_eq!(error.field.as_deref(), Some("createdAt"));
        assert!(error.message.contains("--timezone"), "{}", error.message);
    }

    #[test]
    fn a_format_has_the_order_of_day_and_month() {
        for (format, text) in [
            ("%d.%m.%Y %H:%M", "03.07.2026 09:05"),
            ("%m/%d/%Y %I:%M %p", "7/3/2026 9:05 AM"),
            ("%m/%d/%y %H:%M", "07/03/26 9:05"),
            ("%b %-d, %Y, %I:%M %p", "Jul 3, 2026, 9:05 am"),
            ("%d/%m/%Y %H:%M %z", "03/07/2026 12:05 +0300"),
            // Beside the format, ISO 8601 is read.
            ("%d.%m.%Y", "2026-07-03T09:05"),
        ] {
            let read = options(Some(Tz::UTC), Some(format)).normalize(text);
            assert_eq!(read.unwrap(), "2026-07-03T09:05:00Z", "{text}");
        }
        let day = options(Some(Tz::Europe__Moscow), Some("%d.%m.%Y"));
        assert_eq!(day.normalize("03.07.2026").unwrap(), "2026-07-02T21:00:00Z");
    }
}
