//! The latest days on which the clocks of a zone were changed: relative to today, because facts expire.

use analytics_shared::clock;
use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

/// The maximum age of a day whose facts are accepted.
const REACH: usize = 360;

/// The direction of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// In spring: part of the day is skipped.
    Forward,
    /// In autumn: part of the day is repeated.
    Back,
}

/// The latest day with such a change in `zone` that ended at least a day ago.
///
/// Two changes are up to 371 days apart, and facts older than a year are rejected: in the last days before a
/// change this is `None`.
#[must_use]
pub fn latest(zone: Tz, change: Change) -> Option<NaiveDate> {
    let is_changed = |day: &NaiveDate| {
        let next = day.succ_opt().and_then(|next| begin(zone, next));
        let length = begin(zone, *day).zip(next).map(|(begin, end)| end - begin);
        length.is_some_and(|length| match change {
            Change::Forward => length < Duration::hours(24),
            Change::Back => length > Duration::hours(24),
        })
    };
    let over = clock::now().date_naive() - Days::new(2);
    over.iter_days().rev().take(REACH).find(is_changed)
}

/// The start of a day, which is not midnight if that is skipped.
fn begin(zone: Tz, day: NaiveDate) -> Option<DateTime<Tz>> {
    let times = (0..24 * 60).map(|minute| day.and_time(NaiveTime::MIN) + Duration::minutes(minute));
    let mut moments = times.filter_map(|time| zone.from_local_datetime(&time).earliest());
    moments.next()
}
