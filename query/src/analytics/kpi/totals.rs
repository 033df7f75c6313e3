//! Totals of an event or an organization over a period.

use poem_openapi::Object;

use super::key_metrics::{KeyMetrics, ratio};
use crate::analytics::{
    aggregate::Aggregate,
    model::{EventKind, Revenue},
};

/// Totals over a period.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct Totals {
    /// Key metrics. Over several events, a visitor of two of them is one distinct visitor.
    #[oai(flatten)]
    pub metrics: KeyMetrics,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// `cancellations` / `totalRegistrations`; `null` without registrations. Above 1 if the period has more
    /// cancellations than registrations.
    #[oai(nullable)]
    pub cancellation_rate: Option<f64>,
    /// Payments and refunds, one entry for each currency.
    pub revenue: Vec<Revenue>,
}

impl From<&Aggregate> for Totals {
    fn from(aggregate: &Aggregate) -> Self {
        let cancellations = aggregate.count(EventKind::Cancelled);
        Self {
            metrics: KeyMetrics::from(aggregate),
            cancellations,
            cancellation_rate: ratio(cancellations, aggregate.count(EventKind::Completed)),
            revenue: aggregate.revenue(),
        }
    }
}
