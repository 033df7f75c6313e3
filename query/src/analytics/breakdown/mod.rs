//! Metrics broken down by day, hour, minute, traffic source and ticket type.

mod check_in_curve;
mod event_breakdowns;
mod event_day;
mod hour_of_week;
mod source;
mod split_series;
mod ticket_type;

pub use check_in_curve::{CheckInCurve, busiest_day};
pub use event_breakdowns::EventBreakdowns;
pub use event_day::{EventDay, EventDayAggregator};
pub use hour_of_week::{HourOfWeek, by_hour_of_week};
pub use source::SourceBreakdown;
pub use split_series::{SplitBy, SplitSeries};
pub use ticket_type::{OtherTicketTypes, TicketCounts, TicketTypeMetrics};
