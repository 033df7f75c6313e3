//! Key performance indicators of an event or an organization, and their change between two periods.

mod attendance;
mod change;
mod key_metrics;
mod no_shows;
mod totals;

pub use attendance::Attendance;
pub use change::{Change, TotalsChange};
pub use key_metrics::ratio;
pub use no_shows::AsOfDate;
pub use totals::Totals;
