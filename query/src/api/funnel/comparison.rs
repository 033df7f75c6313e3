//! The funnel of an earlier period.

use analytics_shared::period::Period;
use poem_openapi::Object;

use super::{
    super::{comparison::Change, types::Day},
    steps::FunnelFigures,
};
use crate::figures;

/// The funnel of an earlier period, and the change since.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelComparison {
    /// The first day of the earlier period.
    pub date_from: Day,
    /// Its last day.
    pub date_to: Day,
    /// The earlier period as a whole.
    #[oai(flatten)]
    pub figures: FunnelFigures,
    /// How each figure has changed since.
    pub change: FunnelChanges,
}

/// How figures have changed; `null` where one of the two is.
#[derive(Clone, Copy, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelChanges {
    /// Of `pageViews`.
    pub page_views: Change,
    /// Of `registrationStarted`.
    pub registration_started: Change,
    /// Of `registrationCompleted`.
    pub registration_completed: Change,
    /// Of `checkedIn`.
    pub checked_in: Change,
    /// Of `startRate`.
    #[oai(nullable)]
    pub start_rate: Option<Change>,
    /// Of `completionRate`.
    #[oai(nullable)]
    pub completion_rate: Option<Change>,
    /// Of `attendanceRate`.
    #[oai(nullable)]
    pub attendance_rate: Option<Change>,
}

impl FunnelComparison {
    /// `now` compared with what was `earlier`, in `period`.
    pub fn new(period: Period, earlier: figures::Funnel, now: &figures::Funnel) -> Self {
        let count = |step: usize| {
            figures::Change::of_counts(earlier.steps[step].count, now.steps[step].count).into()
        };
        let rate = |of: fn(&figures::Funnel) -> Option<f64>| {
            figures::Change::of(of(&earlier), of(now)).map(Change::from)
        };
        let change = FunnelChanges {
            page_views: count(0),
            registration_started: count(1),
            registration_completed: count(2),
            checked_in: count(3),
            start_rate: rate(|funnel| funnel.start_rate),
            completion_rate: rate(|funnel| funnel.completion_rate),
            attendance_rate: rate(|funnel| funnel.attendance_rate),
        };
        Self {
            date_from: Day(period.from),
            date_to: Day(period.to),
            figures: earlier.into(),
            change,
        }
    }
}
