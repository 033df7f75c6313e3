//! The one place that asks what time it is; everything else takes `now` as a parameter.

use chrono::{DateTime, SubsecRound, Utc};

/// The current time, in the microseconds that PostgreSQL stores.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> DateTime<Utc> {
    stored_precision(Utc::now())
}

/// `time` as `TIMESTAMPTZ` keeps it: cut to microseconds, so that what is sent twice is equal.
#[must_use]
pub fn stored_precision(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}
