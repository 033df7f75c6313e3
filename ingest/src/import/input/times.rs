//! The times of rows: with an offset, or local times of a time zone.

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, SecondsFormat, TimeDelta,
    TimeZone, Utc,
};
use chrono_tz::Tz;

use super::rejection::Rejection;

/// The forms of a local time (ISO 8601, with a space or a `T`).
const LOCAL_FORMS: [&str; 4] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
];

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
        // A comma before the fraction, as in ISO 8601 and as spreadsheets show it.
        let text = text.replacen(',', ".", 1);
        if let Some(complete) = with_full_offset(&text) {
            return Ok(complete);
        }
        let local = LOCAL_FORMS
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
        let day = || NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        match local.or_else(|| day().map(midnight)) {
            Some(local) => self.to_utc(Parsed::Local(local)),
            None => Ok(text),
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
        let instant = match (time, self.zone) {
            (Parsed::Instant(instant), _) => instant.to_utc(),
            (Parsed::Local(local), Some(zone)) => instant_of(local, zone),
            (Parsed::Local(_), None) => {
                let message = "has no offset: name the time zone with --timezone";
                return Err(Rejection::invalid("createdAt", message));
            }
        };
        Ok(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

enum Parsed {
    Instant(DateTime<FixedOffset>),
    Local(NaiveDateTime),
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

/// Returns the instant of a local time: the first of two, and one that clocks skipped as many minutes after
/// the change as it is after its beginning.
fn instant_of(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    if let Some(time) = zone.from_local_datetime(&local).earliest() {
        return time.to_utc();
    }
    let before = local
        .checked_sub_signed(TimeDelta::hours(25))
        .unwrap_or(local);
    let offset = zone.offset_from_utc_datetime(&before).fix();
    let utc = local.checked_sub_offset(offset).unwrap_or(local);
    utc.and_utc()
}

/// Returns a time with an offset, with the minutes that PostgreSQL omits from an offset of full hours.
fn with_full_offset(text: &str) -> Option<String> {
    let complete = format!("{text}:00");
    [text, &complete]
        .into_iter()
        .find(|text| text.parse::<DateTime<Utc>>().is_ok())
        .map(str::to_owned)
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
            ("2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
            // With an offset.
            ("2026-12-01 12:00:00+00", "2026-12-01 12:00:00+00:00"),
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
