//! The steps of a funnel.

use poem_openapi::{Enum, Object};

use crate::figures;

/// The steps and the rates between them.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelFigures {
    /// Views of the event's page.
    pub page_views: u64,
    /// Registration forms begun.
    pub registration_started: u64,
    /// Registrations completed.
    pub registration_completed: u64,
    /// Attendees who checked in.
    pub checked_in: u64,
    /// `registrationStarted` / `pageViews`; `null` without views.
    #[oai(nullable)]
    pub start_rate: Option<f64>,
    /// `registrationCompleted` / `registrationStarted`; `null` if none was started.
    #[oai(nullable)]
    pub completion_rate: Option<f64>,
    /// `checkedIn` / `registrationCompleted`; `null` if none was completed.
    #[oai(nullable)]
    pub attendance_rate: Option<f64>,
    /// The four steps in order.
    pub steps: Vec<Step>,
}

/// One step of the funnel.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Step {
    /// Which one.
    #[oai(rename = "step")]
    pub name: StepName,
    /// Facts of the step.
    pub count: u64,
    /// Distinct visitors behind them, as far as they are known.
    pub visitors: u64,
    /// `count` for each of the step before; `null` for the first step, and after a step without any.
    #[oai(nullable)]
    pub conversion_from_previous: Option<f64>,
    /// `count` for each of the first step; `null` where that has none.
    #[oai(nullable)]
    pub conversion_from_first: Option<f64>,
    /// Those of the step before who are not here: 0 for the first step, and not below 0.
    pub drop_off: u64,
}

/// The steps of the funnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "camelCase")]
pub enum StepName {
    /// The event's page was viewed.
    PageViews,
    /// The registration form was begun.
    RegistrationStarted,
    /// The registration was completed.
    RegistrationCompleted,
    /// The attendee checked in.
    CheckedIn,
}

impl StepName {
    const IN_ORDER: [Self; 4] = [
        Self::PageViews,
        Self::RegistrationStarted,
        Self::RegistrationCompleted,
        Self::CheckedIn,
    ];
}

impl From<figures::Funnel> for FunnelFigures {
    fn from(funnel: figures::Funnel) -> Self {
        let [
            page_views,
            registration_started,
            registration_completed,
            checked_in,
        ] = funnel.steps.each_ref().map(|step| step.count);
        let named = StepName::IN_ORDER.into_iter().zip(funnel.steps);
        let steps = named.map(|(name, figures)| Step {
            name,
            count: figures.count,
            visitors: figures.visitors,
            conversion_from_previous: figures.conversion_from_previous,
            conversion_from_first: figures.conversion_from_first,
            drop_off: figures.drop_off,
        });
        Self {
            page_views,
            registration_started,
            registration_completed,
            checked_in,
            start_rate: funnel.start_rate,
            completion_rate: funnel.completion_rate,
            attendance_rate: funnel.attendance_rate,
            steps: steps.collect(),
        }
    }
}
