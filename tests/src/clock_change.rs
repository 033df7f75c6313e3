//! Days on which clocks were changed: the latest ones, so that what is tested on them does not grow old.

use analytics_shared::clock;
use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

/// The maximum age of a day whose facts are accepted.
const REACH: usize = 360;

/// Which way a clock is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// In spring: some time of the day is skipped.
    Forward,
    /// In autumn: some time of the day is shown twice.
    Back,
}

/// The latest day that was made shorter or longer so in `zone`, and has been over for a day.
///
/// A change comes up to 371 days after the one before, and facts older than a year are refused: in the
/// last days before a change there is `None`.
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

/// When a day begins; not at midnight where that is skipped.
fn begin(zone: Tz, day: NaiveDate) -> Option<DateTime<Tz>> {
    let times = (0..24 * 60).map(|minute| day.and_time(NaiveTime::MIN) + Duration::minutes(minute));
    let mut moments = times.filter_map(|time| zone.from_local_datetime(&time).earliest());
    moments.next()
}
