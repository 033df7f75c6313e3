//! Reads of the rollup: days of events, versions, and rows for exports.

mod day_reader;
mod event_days;
mod export_rows;
mod versions;

pub use day_reader::{DaySource, DaysQuery};
pub use event_days::EventDays;
pub use versions::{EventVersion, Versions};
