//! Parameters of requests, parsed and validated.

mod choices;
mod filter;
mod pagination;
mod raw_param;
mod reporting_period;

pub use choices::choice;
pub use filter::filter;
pub use pagination::{
    BreakdownPageSize, EventPage, EventPageSize, GroupPageSize, PageNumber, parse_page,
};
pub use raw_param::{EventId, OrgId, RawParam, ShareId, TimeZoneName};
pub use reporting_period::{DateRangeParams, ReportingPeriod, comparison_period};
