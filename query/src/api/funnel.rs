//! `GET /events/{eventId}/funnel`

use analytics_shared::{auth::BearerToken, clock, problem::Refused};
use poem::web::Data;
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::Example,
};
use uuid::Uuid;

use super::{
    PREFIX, Tag, access,
    asked::{Asked, Days},
    example,
    parts::About,
    refusals::Reading,
    types::{Day, EventId, Sent, Zone},
};
use crate::{App, figures, store::EventRead};

/// The endpoint.
pub struct FunnelApi;

/// The registration funnel of one event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Funnel {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `null` if it was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// The period.
    #[oai(flatten)]
    pub about: About,
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

#[derive(ApiResponse)]
enum FunnelAnswer {
    /// The funnel.
    #[oai(status = 200)]
    Found(Json<Funnel>),
}

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl FunnelApi {
    /// Registration funnel of an event
    ///
    /// From page view to check-in: counts and distinct visitors of every step, and the rates
    /// between them. Steps are counted in the period, each for itself.
    #[oai(
        path = "/events/:eventId/funnel",
        method = "get",
        operation_id = "getFunnel"
    )]
    async fn funnel(
        &self,
        app: Data<&App>,
        caller: BearerToken,
        /// The ticketing event.
        #[oai(name = "eventId")]
        event_id: Path<Sent<EventId>>,
        /// The first day; without it, the first day with facts in the year before `dateTo`.
        #[oai(name = "dateFrom")]
        date_from: Query<Option<Sent<Day>>>,
        /// The last day; without it, today.
        #[oai(name = "dateTo")]
        date_to: Query<Option<Sent<Day>>>,
        /// IANA zone that days are counted in; without it, the event's own.
        timezone: Query<Option<Sent<Zone>>>,
    ) -> Result<FunnelAnswer, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let event = access::event(&app, &caller.0, event_id.id()?).await?;
        let now = clock::now();
        let asked = Asked::read(days, timezone.0.as_deref(), event.zone, now)?;
        let rows = app
            .store
            .event_rows(&EventRead {
                figure: "funnel",
                tenant_id: event.tenant_id,
                event_id: event.event_id,
                period: asked.period,
                zone: asked.zone,
                own_zone: event.zone,
                visited: &figures::Funnel::STEPS,
            })
            .await?;
        let about = About::new(asked.period_of(&rows), asked.zone, now);
        let funnel = figures::Funnel::fold(&rows);
        let answer = Funnel::new(event.event_id, event.title, about, funnel);
        Ok(FunnelAnswer::Found(Json(answer)))
    }
}

impl Funnel {
    fn new(event_id: Uuid, title: Option<String>, about: About, funnel: figures::Funnel) -> Self {
        let [
            page_views,
            registration_started,
            registration_completed,
            checked_in,
        ] = funnel.steps.each_ref().map(|step| step.count);
        Self {
            event_id,
            title,
            about,
            page_views,
            registration_started,
            registration_completed,
            checked_in,
            start_rate: funnel.start_rate,
            completion_rate: funnel.completion_rate,
            attendance_rate: funnel.attendance_rate,
            steps: steps(funnel.steps),
        }
    }
}

impl Example for Funnel {
    fn example() -> Self {
        let funnel = figures::Funnel::fold(&example::rows());
        let title = example::TITLE.to_owned();
        Self::new(example::EVENT, Some(title), example::about(), funnel)
    }
}

fn steps(steps: [figures::Step; 4]) -> Vec<Step> {
    let named = StepName::IN_ORDER.into_iter().zip(steps);
    named
        .map(|(name, figures)| Step {
            name,
            count: figures.count,
            visitors: figures.visitors,
        })
        .collect()
}
