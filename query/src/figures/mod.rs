//! What every figure means. Dashboard, funnel and report are folds of the same rows by the same
//! [`Tally`], so they cannot disagree. Nothing here knows of SQL or HTTP.

mod attendance;
mod check_in_curve;
mod dashboard;
mod day_fold;
mod days;
mod details;
mod event_day;
mod event_fold;
mod filter;
mod funnel;
mod funnel_groups;
mod headline;
mod hour_series;
mod hours;
mod journeys;
mod leaderboard;
mod live;
mod moment;
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
mod united_days;
mod zone_clock;

use day_fold::DayFold;

pub use attendance::{Attendance, Today};
pub use check_in_curve::{CheckInCurve, CurvePoint, day_of_check_ins};
pub use dashboard::Dashboard;
pub use days::DayFigures;
pub use details::Details;
pub use event_day::{EventDay, EventDays};
pub use event_fold::EventFold;
pub use filter::{Filter, Keys};
pub use funnel::{Funnel, Step};
pub use funnel_groups::{Group, GroupBy, funnel_groups};
pub use headline::Headline;
pub use hour_series::{HourSeries, TooManyHours};
pub use hours::{HourCount, HourOfWeek, Week};
pub use journeys::{Durations, Journeys, Times};
pub use leaderboard::page_of;
pub use live::Live;
pub use moment::Moment;
pub use period::starting_with_facts;
pub use report::{EventFigures, KnownEvent, Report, together};
pub use row::{Kind, Piece, Row, Rows};
pub use series::{Granularity, Span, Stretch, series};
pub use sort::{Currency, InvalidSort, Sort, SortField};
pub use sources::SourceFigures;
pub use tally::{Revenue, Tally};
pub use ticket_types::{Names, SourceTicketTypeFigures, TicketTypeFigures};
pub use totals::{Change, Compare, Totals};
pub use united_days::UnitedDays;
#[cfg(test)]
pub(crate) use zone_clock::tests::clock;
pub use zone_clock::{WallHour, ZoneClock, quarter_of};
