//! Metrics by traffic source.

use std::cmp::Reverse;

use poem_openapi::Object;

use crate::analytics::{aggregate::SourceAggregates, model::EventKind};

/// Metrics of one traffic source.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct SourceMetrics {
    /// Name of the source; `direct` for visits without a known origin.
    pub source: String,
    /// Page views.
    pub views: u64,
    /// Distinct visitors with a page view; a visitor from two sources counts for both.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// Returns the metrics of every source with views, registrations or check-ins, most views first.
pub fn by_source(aggregates: &SourceAggregates) -> Vec<SourceMetrics> {
    let sources = aggregates.by_source.iter();
    let metrics = sources.map(|(source, aggregate)| SourceMetrics {
        source: source.to_string(),
        views: aggregate.count(EventKind::View),
        unique_views: aggregate.visitors(EventKind::View),
        registrations: aggregate.count(EventKind::Completed),
        check_ins: aggregate.count(EventKind::CheckIn),
    });
    let mut metrics: Vec<_> = metrics
        .filter(|source| source.views + source.registrations + source.check_ins > 0)
        .collect();
    // The sort is stable: equal sources stay in the order of their names.
    metrics.sort_by_key(|source| Reverse((source.views, source.registrations, source.check_ins)));
    metrics
}
