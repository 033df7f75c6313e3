//! Admission control: limits by which tenants, tokens and clients share the process, and none can take it all.

mod reads;
mod streams;
mod time_budget;

pub use reads::{ReadAdmission, ReadPermit, ReadRefused, Reader};
pub use streams::{StreamLimits, StreamPermit, StreamRefused};
