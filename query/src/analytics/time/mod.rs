//! Local time: rules of time zones, periods, and division of a period into time buckets.

mod hour_buckets;
mod period;
mod time_buckets;
mod time_zone_rules;

pub use hour_buckets::HourBuckets;
pub use period::{CompareWith, trim_to_first_fact};
pub use time_buckets::{CalendarUnit, Granularity, TimeBucket, calendar_buckets};
pub use time_zone_rules::{TimeZoneRules, floor_to_quarter_hour};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::test_rules;
