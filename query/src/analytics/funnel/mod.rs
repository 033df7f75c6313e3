//! The registration funnel: steps, groups, change between two periods, and time to convert.

mod change;
mod groups;
mod people;
mod steps;
mod time_to_convert;

pub use change::FunnelChange;
pub use groups::{FunnelGroups, GroupBy, GroupScope};
pub use people::{FunnelPeople, step_visitors};
pub use steps::FunnelMetrics;
pub use time_to_convert::{TimeToConvert, TimeToConvertBuilder};
