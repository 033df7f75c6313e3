//! The limits of facts whose callers are not trusted: the bytes that an event stores per day, and the
//! distinct values that its rollup gets. Per process, and in memory only.

pub mod day_values;
pub mod event_quota;
pub mod event_values;
