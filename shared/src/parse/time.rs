//! Times, as ISO 8601 and RFC 3339 describe them and the serializers of programming languages write them.
//!
//! Beyond RFC 3339: the separator may be a space, seconds may be missing, the fraction may have any number of
//! digits after a point or a comma (digits beyond nanoseconds are dropped), and the offset may be `+03`, `+0300`
//! or `+03:00:00`, or `UTC` or `GMT` after a space. A time zone in brackets (RFC 9557; Java's `ZonedDateTime`) is
//! ignored, because the offset determines the instant. A leap second is the second after it, as in POSIX and
//! PostgreSQL; 24:00 is the start of the next day. A number is an error: it may mean seconds or milliseconds.

use std::borrow::Cow;

use chrono::{
    DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de::Error as _};
use thiserror::Error;

use super::{text::present, time_zone};

/// The digits of a fraction that are read, those of nanoseconds.
const FRACTION_DIGITS: usize = 9;
/// The longest part of an hour that a time zone skips: Lord Howe Island half an hour, others one or more.
const SKIPPED_STEP: TimeDelta = TimeDelta::minutes(15);
/// The steps to the end of the longest skipped time, a day (Samoa in 2011).
const MAX_SKIPPED_STEPS: i32 = 4 * 25;

/// The reason why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidTime {
    /// It is none of the supported forms, or no day of the calendar.
    #[error("must be a time as in RFC 3339, for example `2026-11-03T10:15:30Z`")]
    Malformed,
    /// It is a local time, which is no instant.
    #[error("has no offset from UTC: add `Z` or an offset, for example `+03:00`")]
    NoOffset,
}

/// Parses an instant, in any of the forms of this module.
///
/// # Errors
/// When the text is not a time, or has no offset from UTC.
pub fn parse(text: &str) -> Result<DateTime<Utc>, InvalidTime> {
    match split(text).ok_or(InvalidTime::Malformed)? {
        (local, Some(offset)) => at(local, offset),
        (_, None) => Err(InvalidTime::NoOffset),
    }
}

/// Parses an instant, or a local time or day in `zone`. A local time that occurs twice is the first, one that is
/// skipped is the first time after the gap, and a day is its start.
///
/// # Errors
/// When the text is not a time.
pub fn parse_in(text: &str, zone: Tz) -> Result<DateTime<Utc>, InvalidTime> {
    let day = || Some((parse_date(text.trim())?.and_time(NaiveTime::MIN), None));
    match split(text).or_else(day).ok_or(InvalidTime::Malformed)? {
        (local, Some(offset)) => at(local, offset),
        (local, None) => of_local(local, zone).ok_or(InvalidTime::Malformed),
    }
}

/// Returns the instant of a local time in `zone`, as [`parse_in`]; `None` at the ends of the calendar.
#[must_use]
pub fn of_local(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let mut later =
        (0..MAX_SKIPPED_STEPS).map_while(|steps| local.checked_add_signed(SKIPPED_STEP * steps));
    later.find_map(|local| match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.to_utc()),
        LocalResult::None => None,
    })
}

/// Deserializes an optional instant, as [`parse`]. An empty text is none.
///
/// # Errors
/// When the value is not an instant.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<Cow<'de, str>>::deserialize(deserializer)?;
    let text = text.as_deref().and_then(present);
    text.map(parse).transpose().map_err(D::Error::custom)
}

fn at(local: NaiveDateTime, offset: FixedOffset) -> Result<DateTime<Utc>, InvalidTime> {
    let time = offset.from_local_datetime(&local).single();
    time.map(|time| time.to_utc()).ok_or(InvalidTime::Malformed)
}

/// Splits a time into the local time and the offset.
fn split(text: &str) -> Option<(NaiveDateTime, Option<FixedOffset>)> {
    let (text, has_zone) = without_zone(text.trim())?;
    let (date, rest) = text.split_at_checked("2026-11-03".len())?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let end = rest.find(|one: char| !matches!(one, '0'..='9' | ':' | '.' | ','));
    let (time, offset) = rest.split_at(end.unwrap_or(rest.len()));
    let offset = match offset.trim_start() {
        // A zone without an offset would need the rules of the zone.
        "" if has_zone => return None,
        "" => None,
        offset => Some(parse_offset(offset)?),
    };
    let local = parse_date(date)?.and_time(NaiveTime::MIN);
    Some((local.checked_add_signed(parse_time(time)?)?, offset))
}

/// Removes a time zone in brackets from the end, and returns whether there was one. Other tags of RFC 9557 are
/// not supported.
fn without_zone(text: &str) -> Option<(&str, bool)> {
    let Some(tagged) = text.strip_suffix(']') else {
        return Some((text, false));
    };
    let (time, zone) = tagged.split_once('[')?;
    // Java writes an offset as a zone, too.
    let is_zone = time_zone::parse(zone).is_ok() || parse_offset(zone).is_some();
    is_zone.then_some((time, true))
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let date = NaiveDate::from_ymd_opt(
        digits(year, 4)?.try_into().ok()?,
        digits(month, 2)?,
        digits(day, 2)?,
    );
    date.filter(|_| parts.next().is_none())
}

/// Parses the time since the start of a day.
fn parse_time(text: &str) -> Option<TimeDelta> {
    let (time, fraction) = match text.split_once(['.', ',']) {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (text, None),
    };
    let mut parts = time.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = match parts.next() {
        Some(second) => digits(second, 2)?,
        None if fraction.is_some() => return None,
        None => 0,
    };
    let nanoseconds = fraction.map_or(Some(0), parse_fraction)?;
    let is_time = match (hour, minute, second) {
        (24, 0, 0) => nanoseconds == 0,
        (hour, minute, second) => hour < 24 && minute < 60 && second <= 60,
    };
    if !is_time || parts.next().is_some() {
        return None;
    }
    let seconds = i64::from(hour * 3_600 + minute * 60 + second);
    TimeDelta::new(seconds, nanoseconds)
}

/// Parses the fraction of a second, in nanoseconds.
fn parse_fraction(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let read = &text[..text.len().min(FRACTION_DIGITS)];
    format!("{read:0<FRACTION_DIGITS$}").parse().ok()
}

fn parse_offset(text: &str) -> Option<FixedOffset> {
    if ["Z", "UTC", "GMT"]
        .iter()
        .any(|utc| utc.eq_ignore_ascii_case(text))
    {
        return FixedOffset::east_opt(0);
    }
    let (is_west, amount) = match text.strip_prefix('+') {
        Some(amount) => (false, amount),
        // ISO 8601 prefers the minus sign to the hyphen.
        None => (true, text.strip_prefix(['-', '\u{2212}'])?),
    };
    let parts: Vec<&str> = match amount.len() {
        4 if !amount.contains(':') => vec![amount.get(..2)?, amount.get(2..)?],
        _ => amount.split(':').collect(),
    };
    let number = |index: usize| parts.get(index).map_or(Some(0), |part| digits(part, 2));
    let (hours, minutes, seconds) = (number(0)?, number(1)?, number(2)?);
    if parts.len() > 3 || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let offset = i32::try_from(hours * 3_600 + minutes * 60 + seconds).ok()?;
    FixedOffset::east_opt(if is_west { -offset } else { offset })
}

/// Parses a number of exactly `length` decimal digits.
fn digits(text: &str, length: usize) -> Option<u32> {
    let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests;
