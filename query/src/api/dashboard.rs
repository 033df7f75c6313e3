//! `GET /events/{eventId}/dashboard`

use analytics_shared::{auth::BearerToken, clock, problem::Refused};
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path, Query},
    types::Example,
};
use uuid::Uuid;

use super::{
    PREFIX, Tag, access,
    answer::{self, Answered},
    asked::{Asked, Days},
    example,
    parts::{self, About, DayFigures, Metrics},
    refusals::Reading,
    types::{Day, EventId, Sent, Zone},
};
use crate::{App, figures};

/// The endpoint.
pub struct DashboardApi;

/// The dashboard of one event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Dashboard {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `null` if it was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// The period.
    #[oai(flatten)]
    pub about: About,
    /// The metrics.
    #[oai(flatten)]
    pub metrics: Metrics,
    /// Every day of the period, in order, also those without facts.
    pub by_day: Vec<DayFigures>,
    /// Ticket types, most registrations first.
    pub by_ticket_type: Vec<TicketTypeFigures>,
    /// Traffic sources, most views first.
    pub by_source: Vec<SourceFigures>,
}

/// One ticket type.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketTypeFigures {
    /// Its id; `null` where no fact told it.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Its latest name; `null` where no fact told it. Both are `null` for facts without any ticket
    /// type.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// One traffic source.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SourceFigures {
    /// Its name; `direct` where a visitor came from nowhere that is known.
    pub source: String,
    /// Page views.
    pub views: u64,
    /// Distinct visitors of this source; who came from two counts for both.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl DashboardApi {
    /// Dashboard of an event
    ///
    /// The seven metrics over the period, and the same by day, ticket type and traffic source.
    #[oai(
        path = "/events/:eventId/dashboard",
        method = "get",
        operation_id = "getDashboard"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parameters of the request"
    )]
    async fn dashboard(
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
        /// The `ETag` of an answer that the caller has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Answered<Dashboard>, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let event = access::event(&app, &caller.0, event_id.id()?).await?;
        let now = clock::now();
        let asked = Asked::read(days, timezone.0.as_deref(), event.zone, now)?;
        let versions = app
            .store
            .event_versions(event.tenant_id, event.event_id, asked.period)
            .await?;
        let question = format!("dashboard {event:?} {asked:?}");
        let state = versions.state();
        let making = async {
            let rows = app.store.event_rows(&event.read(&asked), &versions).await?;
            let rows = rows.all();
            let period = asked.period_of(&rows);
            let dashboard = figures::Dashboard::fold(&rows, period);
            let about = About::new(period, asked.zone, versions.changed_at().unwrap_or(now));
            Ok(Dashboard::new(
                event.event_id,
                event.title.clone(),
                about,
                dashboard,
            ))
        };
        let answer = app.answers.get(question, state, making).await?;
        Ok(answer::answered(&answer, if_none_match.0.as_deref()))
    }
}

impl Dashboard {
    fn new(
        event_id: Uuid,
        title: Option<String>,
        about: About,
        dashboard: figures::Dashboard,
    ) -> Self {
        Self {
            event_id,
            title,
            about,
            metrics: dashboard.headline.into(),
            by_day: parts::all(dashboard.by_day),
            by_ticket_type: parts::all(dashboard.by_ticket_type),
            by_source: parts::all(dashboard.by_source),
        }
    }
}

impl Example for Dashboard {
    fn example() -> Self {
        let dashboard = figures::Dashboard::fold(
            &example::rows().iter().collect::<Vec<_>>(),
            example::period(),
        );
        let title = example::TITLE.to_owned();
        Self::new(example::EVENT, Some(title), example::about(), dashboard)
    }
}

impl From<figures::TicketTypeFigures> for TicketTypeFigures {
    fn from(one: figures::TicketTypeFigures) -> Self {
        Self {
            ticket_type_id: one.ticket_type_id,
            ticket_type_name: one.ticket_type_name,
            registrations: one.registrations,
            cancellations: one.cancellations,
            check_ins: one.check_ins,
        }
    }
}

impl From<figures::SourceFigures> for SourceFigures {
    fn from(one: figures::SourceFigures) -> Self {
        Self {
            source: one.source,
            views: one.views,
            unique_views: one.unique_views,
            registrations: one.registrations,
            check_ins: one.check_ins,
        }
    }
}
