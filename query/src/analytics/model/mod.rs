//! The input of the metrics: rollup rows, raw facts, registered events, and the filters on them.

mod calendar_date;
mod day_table;
mod event_kind;
mod filter;
mod links;
mod page_range;
mod raw_fact;
mod registered_event;
mod revenue;
mod rollup_row;
mod scan_policy;
mod text_table;
mod ticket_type_names;

pub use calendar_date::CalendarDate;
pub use day_table::{DayTable, RowRef};
pub use event_kind::EventKind;
pub use filter::{Filter, ResolvedFilter};
pub use links::{Link, Links};
pub use page_range::PageRange;
pub use raw_fact::RawFact;
pub use registered_event::RegisteredEvent;
pub use revenue::Revenue;
pub use rollup_row::RollupRow;
pub use scan_policy::ScanPolicy;
pub use text_table::SharedText;
pub use ticket_type_names::TicketTypeNames;
