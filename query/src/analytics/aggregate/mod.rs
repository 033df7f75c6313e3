//! Aggregation of rollup rows: over days, events and organizations, incrementally where one part of many
//! changes.

mod changed_part;
mod check_in_counter;
mod conversion;
mod daily_metrics;
mod day_rows;
mod event_summary;
mod hourly_counts;
mod merge_cache;
mod organization_summary;
mod row_aggregate;
mod source_aggregates;
mod source_counts;

pub use check_in_counter::CheckInCounter;
pub use conversion::Conversion;
pub use daily_metrics::{ActivityCounts, DailyMetrics};
pub use day_rows::{DayRows, RollupRows, RollupRowsBuilder, hours_by_day};
pub use event_summary::EventSummary;
pub use hourly_counts::{HourCounts, HourlyCounts};
pub use organization_summary::OrganizationSummary;
pub use row_aggregate::{Aggregate, aggregate_by};
pub use source_aggregates::SourceAggregates;
pub use source_counts::{SourceCounts, SourceTable};
