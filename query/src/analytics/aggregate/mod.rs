//! Aggregation of rollup rows: over days, events and organizations, incrementally where one part of many
//! changes.

mod conversion;
mod daily_metrics;
mod day_rows;
mod event_summary;
mod merge_cache;
mod organization_summary;
mod row_aggregate;
mod source_aggregates;
mod source_counts;

pub use conversion::Conversion;
pub use daily_metrics::{ActivityCounts, DailyMetrics};
pub use day_rows::{DayRows, RollupRows, RollupRowsBuilder};
pub use event_summary::EventSummary;
pub use organization_summary::OrganizationSummary;
pub use row_aggregate::{Aggregate, aggregate_by};
pub use source_aggregates::SourceAggregates;
pub use source_counts::{SourceCounts, SourceTable};
