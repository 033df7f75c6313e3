//! Days on which clocks were changed: the latest ones, so that what is tested on them does not grow old.

use analytics_shared::clock;
use chrono::{Days, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

/// How far back a day may lie so that facts of it are still taken.
const REACH: usize = 360;

/// Which way a clock is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// In spring: some time of the day is skipped.
    Forward,
    /// In autumn: some time of the day is shown twice.
    Back,
}

/// The latest day on which clocks in `zone` were changed so, and which has been over for a day.
///
/// A change comes up to 371 days after the one before, and facts older than a year are refused: in the
/// last days before a change there is `None`.
#[must_use]
pub fn latest(zone: Tz, change: Change) -> Option<NaiveDate> {
    let seconds = |day: NaiveDate| {
        let noon = day.and_hms_opt(12, 0, 0)?;
        Some(zone.offset_from_utc_datetime(&noon).fix().local_minus_utc())
    };
    let changes = |day: &NaiveDate| {
        let (before, after) = (day.pred_opt().and_then(seconds), seconds(*day));
        match change {
            Change::Forward => before < after,
            Change::Back => before > after,
        }
    };
    let over = clock::now().date_naive() - Days::new(2);
    over.iter_days().rev().take(REACH).find(changes)
}
