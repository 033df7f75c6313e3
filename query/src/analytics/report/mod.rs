//! Organization reports, the order of their events, and live totals of an event.

mod event_sort;
mod event_time;
mod live_totals;
mod organization_report;
mod sort_field;

pub use event_sort::{EventSort, page_of};
pub use event_time::EventTime;
pub use live_totals::LiveTotals;
pub use organization_report::{EventMetrics, OrganizationReport, ReportTotals};
pub use sort_field::InvalidEventSort;
