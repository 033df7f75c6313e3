//! The steps of the funnel and the rates between them.

use poem_openapi::{Enum, Object};

use crate::analytics::{
    aggregate::Aggregate,
    kpi::{RateBasis, ratio},
    model::EventKind,
};

/// The funnel of one event. Each step counts all its facts in the period, whichever steps the same
/// visitor took before, and in `reached` the people who took all steps up to this one.
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
    /// Explains a rate of counts above 1; `null` if there is none.
    #[oai(nullable)]
    pub basis: Option<RateBasis>,
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
    /// Distinct people who took this step and every step before it within the period, in any order. A browser and
    /// the user whom a fact links to it are one person. Never more than those of the previous step. A filter by
    /// source selects the people who viewed through it, a filter by ticket type applies from the completed
    /// registration on.
    pub reached: u64,
    /// `reached` / `reached` of the previous step; `null` for the first step, or if no one reached the previous.
    #[oai(nullable)]
    pub reached_rate_from_previous: Option<f64>,
    /// `reached` / `reached` of the first step; `null` if no one reached that.
    #[oai(nullable)]
    pub reached_rate_from_first: Option<f64>,
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

    /// Builds the funnel of some facts; `reached` are the people of each step.
    pub fn of(aggregate: &Aggregate, reached: [u64; 4]) -> Self {
        let counts = EventKind::FUNNEL.map(|kind| aggregate.count(kind));
        let [page_views, started, completed, checked_in] = counts;
        let mut previous = None::<(u64, u64)>;
        let stages = [
            (EventKind::View, FunnelStage::PageViews),
            (EventKind::Started, FunnelStage::RegistrationStarted),
            (EventKind::Completed, FunnelStage::RegistrationCompleted),
            (EventKind::CheckIn, FunnelStage::CheckedIn),
        ];
        let steps = stages
            .into_iter()
            .zip(reached)
            .map(|((kind, step), people)| {
                let count = aggregate.count(kind);
                let before = previous.replace((count, people));
                FunnelStep {
                    step,
                    count,
                    visitors: aggregate.visitors(kind),
                    conversion_from_previous: before.and_then(|(before, _)| ratio(count, before)),
                    conversion_from_first: ratio(count, page_views),
                    reached: people,
                    reached_rate_from_previous: before
                        .and_then(|(_, before)| ratio(people, before)),
                    reached_rate_from_first: ratio(people, reached[0]),
                    drop_off: before.map_or(0, |(before, _)| before.saturating_sub(count)),
                }
            });
        let steps: Vec<_> = steps.collect();
        let rates = steps
            .iter()
            .flat_map(|step| [step.conversion_from_previous, step.conversion_from_first]);
        Self {
            basis: RateBasis::of(rates),
            steps,
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
