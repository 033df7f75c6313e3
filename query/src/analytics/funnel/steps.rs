//! The steps of the funnel and the rates between them.

use poem_openapi::{Enum, Object};

use crate::analytics::{aggregate::Aggregate, kpi::ratio, model::EventKind};

/// The funnel of one event. Each step counts all its facts in the period, whichever steps the same
/// visitor took before.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelMetrics {
    /// Page views.
    pub page_views: u64,
    /// Started registrations.
    pub registration_started: u64,
    /// Completed registrations.
    pub registration_completed: u64,
    /// Check-ins.
    pub checked_in: u64,
    /// `registrationStarted` / `pageViews`; `null` without views.
    #[oai(nullable)]
    pub start_rate: Option<f64>,
    /// `registrationCompleted` / `registrationStarted`; `null` without started registrations.
    #[oai(nullable)]
    pub completion_rate: Option<f64>,
    /// `checkedIn` / `registrationCompleted`; `null` without completed registrations.
    #[oai(nullable)]
    pub attendance_rate: Option<f64>,
    /// The four steps in order.
    pub steps: Vec<FunnelStep>,
}

/// One step of the funnel.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelStep {
    /// Name of the step.
    pub step: FunnelStage,
    /// Number of facts.
    pub count: u64,
    /// Distinct visitors of these facts, as far as known.
    pub visitors: u64,
    /// `count` / `count` of the previous step; `null` for the first step, or if the previous count is 0.
    #[oai(nullable)]
    pub conversion_from_previous: Option<f64>,
    /// `count` / `count` of the first step; `null` if that is 0.
    #[oai(nullable)]
    pub conversion_from_first: Option<f64>,
    /// `count` of the previous step less `count`, at least 0; 0 for the first step.
    pub drop_off: u64,
}

/// The steps of the funnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "camelCase")]
pub enum FunnelStage {
    /// Views of the event page.
    PageViews,
    /// Started registrations.
    RegistrationStarted,
    /// Completed registrations.
    RegistrationCompleted,
    /// Check-ins.
    CheckedIn,
}

impl FunnelMetrics {
    /// Returns the counts of the four steps, in order.
    pub fn counts(&self) -> [u64; 4] {
        [
            self.page_views,
            self.registration_started,
            self.registration_completed,
            self.checked_in,
        ]
    }
}

impl From<&Aggregate> for FunnelMetrics {
    fn from(aggregate: &Aggregate) -> Self {
        let counts = EventKind::FUNNEL.map(|kind| aggregate.count(kind));
        let [page_views, started, completed, checked_in] = counts;
        let mut previous = None;
        let stages = [
            (EventKind::View, FunnelStage::PageViews),
            (EventKind::Started, FunnelStage::RegistrationStarted),
            (EventKind::Completed, FunnelStage::RegistrationCompleted),
            (EventKind::CheckIn, FunnelStage::CheckedIn),
        ];
        let steps = stages.into_iter().map(|(kind, step)| {
            let count = aggregate.count(kind);
            let before = previous.replace(count);
            FunnelStep {
                step,
                count,
                visitors: aggregate.visitors(kind),
                conversion_from_previous: before.and_then(|before| ratio(count, before)),
                conversion_from_first: ratio(count, page_views),
                drop_off: before.map_or(0, |before: u64| before.saturating_sub(count)),
            }
        });
        Self {
            steps: steps.collect(),
            page_views,
            registration_started: started,
            registration_completed: completed,
            checked_in,
            start_rate: ratio(started, page_views),
            completion_rate: ratio(completed, started),
            attendance_rate: ratio(checked_in, completed),
        }
    }
}
