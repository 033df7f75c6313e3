//! Key performance indicators of an event or an organization, and their change between two periods.

mod attendance;
mod change;
mod rate_basis;
mod totals;

pub use attendance::{AsOfDate, Attendance};
pub use change::{Change, TotalsChange};
pub use rate_basis::RateBasis;
pub use totals::{Totals, ratio};
