//! The change of the funnel between two periods.

use poem_openapi::Object;

use super::steps::FunnelMetrics;
use crate::analytics::kpi::Change;

/// The change of each metric since the comparison period; `null` if either value is `null`.
#[derive(Clone, Copy, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelChange {
    pub page_views: Change,
    pub registration_started: Change,
    pub registration_completed: Change,
    pub checked_in: Change,
    #[oai(nullable)]
    pub start_rate: Option<Change>,
    #[oai(nullable)]
    pub completion_rate: Option<Change>,
    #[oai(nullable)]
    pub attendance_rate: Option<Change>,
}

impl FunnelChange {
    /// Returns the change of each metric from `before` to `now`.
    pub fn of(before: &FunnelMetrics, now: &FunnelMetrics) -> Self {
        let (counts_before, counts_now) = (before.counts(), now.counts());
        let count = |step: usize| Change::of_counts(counts_before[step], counts_now[step]);
        Self {
            page_views: count(0),
            registration_started: count(1),
            registration_completed: count(2),
            checked_in: count(3),
            start_rate: Change::of(before.start_rate, now.start_rate),
            completion_rate: Change::of(before.completion_rate, now.completion_rate),
            attendance_rate: Change::of(before.attendance_rate, now.attendance_rate),
        }
    }
}
