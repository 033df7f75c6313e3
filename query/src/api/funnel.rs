//! `GET /events/{eventId}/funnel`

use analytics_shared::{
    auth::BearerToken,
    clock,
    problem::{Problem, Refused},
};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Header, Path, Query},
    types::Example,
};
use uuid::Uuid;

use super::{
    PREFIX, Tag,
    access::{self, ReadableEvent},
    answer::{self, Answered},
    asked::{Asked, Days},
    example,
    parts::About,
    refusals::Reading,
    types::{Day, EventId, Sent, Zone},
};
use crate::{
    App,
    figures::{self, Filter},
};

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
    /// Whether the period is not over yet: who is not at a later step may still come to it.
    pub incomplete: bool,
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
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parameters of the request"
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
        /// Only facts of this traffic source.
        source: Query<Option<String>>,
        /// Only facts of this ticket type, by its id or its name. Views and begun registrations
        /// mostly name none.
        #[oai(name = "ticketType")]
        ticket_type: Query<Option<String>>,
        /// The `ETag` of an answer that the caller has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Answered<Funnel>, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let event = access::event(&app, &caller.0, event_id.id()?).await?;
        let now = clock::now();
        let asked = Asked::read(days, timezone.0.as_deref(), event.zone, now)?;
        let versions = app
            .store
            .event_versions(event.tenant_id, event.event_id, asked.period)
            .await?;
        let filter = Filter {
            source: source.0,
            ticket_type: ticket_type.0,
        };
        let question = format!("funnel {event:?} {asked:?} {filter:?}");
        let state = versions.state();
        let making = make(App::clone(&app), event, asked, filter, now);
        let answer = app.answers.get(question, state, making).await?;
        Ok(answer::answered(&answer, if_none_match.0.as_deref()))
    }
}

async fn make(
    app: App,
    event: ReadableEvent,
    asked: Asked,
    filter: Filter,
    now: DateTime<Utc>,
) -> Result<Funnel, Problem> {
    let snapshot = app.store.snapshot().await?;
    let versions = snapshot
        .event_versions(event.tenant_id, event.event_id, asked.period)
        .await?;
    let rows = snapshot.event_rows(&event.read(&asked), &versions).await?;
    snapshot.end().await?;
    let rows = rows.all();
    let as_of = versions.changed_at().unwrap_or(now);
    let period = asked.period_of(rows.iter().map(|row| row.day));
    let about = About::new(period, asked.zone, as_of);
    let funnel = figures::Funnel::fold(&filter.of(rows));
    let incomplete = asked.today <= period.to;
    Ok(Funnel::new(
        event.event_id,
        event.title,
        about,
        funnel,
        incomplete,
    ))
}

impl Funnel {
    fn new(
        event_id: Uuid,
        title: Option<String>,
        about: About,
        funnel: figures::Funnel,
        incomplete: bool,
    ) -> Self {
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
            incomplete,
        }
    }
}

impl Example for Funnel {
    fn example() -> Self {
        let funnel = figures::Funnel::fold(&example::rows().iter().collect::<Vec<_>>());
        let title = example::TITLE.to_owned();
        Self::new(example::EVENT, Some(title), example::about(), funnel, false)
    }
}

fn steps(steps: [figures::Step; 4]) -> Vec<Step> {
    let named = StepName::IN_ORDER.into_iter().zip(steps);
    named
        .map(|(name, figures)| Step {
            name,
            count: figures.count,
            visitors: figures.visitors,
            conversion_from_previous: figures.conversion_from_previous,
            conversion_from_first: figures.conversion_from_first,
            drop_off: figures.drop_off,
        })
        .collect()
}
