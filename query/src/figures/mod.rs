//! What every figure means. Dashboard, funnel and report are made from the same rows by the same
//! [`Tally`], so they cannot disagree. Nothing here knows of SQL or HTTP.

mod attendance;
mod check_in_curve;
mod dashboard;
mod day_summary;
mod days;
mod details;
mod event_day;
mod event_summary;
mod filter;
mod funnel;
mod funnel_groups;
mod headline;
mod hour_series;
mod hours;
mod journeys;
mod leaderboard;
mod live;
mod merge_cache;
mod merged_days;
mod moment;
mod organization_summary;
mod period;
#[cfg(test)]
mod recount;
mod report;
mod row;
mod series;
mod sort;
mod sources;
mod tally;
mod ticket_types;
mod totals;
mod zone_clock;

use day_summary::DaySummary;

pub use attendance::{Attendance, Today};
pub use check_in_curve::{CheckInCurve, CurvePoint, day_of_check_ins};
pub use dashboard::Dashboard;
pub use days::DayFigures;
pub use details::Details;
pub use event_day::{EventDay, EventDays};
pub use event_summary::EventSummary;
pub use filter::{Filter, Keys};
pub use funnel::{Funnel, Step};
pub use funnel_groups::{Group, GroupBy, funnel_groups};
pub use headline::Headline;
pub use hour_series::{HourSeries, TooManyHours};
pub use hours::{HourOfWeek, Week};
pub use journeys::{Durations, Journeys, Times};
pub use leaderboard::page_of;
pub use live::Live;
pub use moment::Moment;
pub use organization_summary::OrganizationSummary;
pub use period::starting_with_facts;
pub use report::{EventFigures, KnownEvent, Report};
pub use row::{DayRows, Kind, Row, Rows};
pub use series::{Granularity, Span, Stretch, series};
pub use sort::{Currency, InvalidSort, Sort, SortField};
pub use sources::SourceFigures;
pub use tally::{Revenue, Tally};
pub use ticket_types::{Names, SourceTicketTypeFigures, TicketTypeFigures};
pub use totals::{Change, Compare, Totals};
#[cfg(test)]
pub(crate) use zone_clock::tests::clock;
pub use zone_clock::{WallHour, ZoneClock, quarter_of};
