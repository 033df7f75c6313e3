//! What every figure means. Dashboard, funnel and report are made from the same rows by the same
//! [`Tally`], so they cannot disagree. Nothing here knows of SQL or HTTP.

#[path = "kpi/attendance.rs"]
mod attendance;
#[path = "breakdown/check_in_curve.rs"]
mod check_in_curve;
#[path = "breakdown/event_breakdowns.rs"]
mod dashboard;
#[path = "aggregate/day_summary.rs"]
mod day_summary;
#[path = "aggregate/daily_metrics.rs"]
mod days;
#[path = "model/scan_policy.rs"]
mod details;
#[path = "breakdown/event_day.rs"]
mod event_day;
#[path = "aggregate/event_summary.rs"]
mod event_summary;
#[path = "model/filter.rs"]
mod filter;
#[path = "funnel/steps.rs"]
mod funnel;
#[path = "funnel/groups.rs"]
mod funnel_groups;
#[path = "kpi/key_metrics.rs"]
mod headline;
#[path = "time/hour_buckets.rs"]
mod hour_series;
#[path = "breakdown/hour_of_week.rs"]
mod hours;
#[path = "funnel/time_to_convert.rs"]
mod journeys;
#[path = "report/event_sort.rs"]
mod leaderboard;
#[path = "report/live_metrics.rs"]
mod live;
#[path = "aggregate/merge_cache.rs"]
mod merge_cache;
#[path = "aggregate/merged_days.rs"]
mod merged_days;
#[path = "model/raw_fact.rs"]
mod moment;
#[path = "aggregate/organization_summary.rs"]
mod organization_summary;
#[path = "time/period.rs"]
mod period;
#[cfg(test)]
mod recount;
#[path = "report/organization_report.rs"]
mod report;
#[path = "model/rollup_row.rs"]
mod row;
#[path = "time/time_buckets.rs"]
mod series;
#[path = "report/sort_field.rs"]
mod sort;
#[path = "breakdown/source.rs"]
mod sources;
#[path = "aggregate/row_aggregate.rs"]
mod tally;
#[path = "breakdown/ticket_type.rs"]
mod ticket_types;
#[path = "kpi/totals.rs"]
mod totals;
#[path = "time/time_zone_rules.rs"]
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
