//! The metrics of the read tier. Requests are measured for both tiers in the shared crate.

mod export;
mod labels;
mod record;

pub use export::ExportMeasurement;
pub use labels::{ExportOutcome, ReadSource, RejectionCode};
pub use record::{
    count_cache_request, count_exported_rows, count_rejected, live_event, live_watcher,
    record_cache_use, record_database, record_database_duration, register,
};
