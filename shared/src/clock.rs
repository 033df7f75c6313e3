//! The only reader of the system clock; all other code takes `now` as a parameter.

use chrono::{DateTime, SubsecRound, Utc};

/// Returns the current time, truncated to microseconds.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> DateTime<Utc> {
    stored_precision(Utc::now())
}

/// Truncates `time` to microseconds, the precision of `TIMESTAMPTZ`, so that a fact that is sent twice has
/// the same time.
#[must_use]
pub fn stored_precision(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}
