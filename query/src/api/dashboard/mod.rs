//! `GET /events/{eventId}/dashboard`

#[path = "response.rs"]
mod answer;
#[path = "fact_scan.rs"]
mod details;
#[path = "breakdowns.rs"]
mod entries;
#[path = "build.rs"]
mod make;

use analytics_shared::{auth::BearerToken, clock, problem::Refused};
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

use super::{
    PREFIX, Tag, access,
    answer::{Answered, answered},
    asked::{Asked, Days},
    example,
    refine::{self, CompareName, DetailsName, GranularityName},
    refusals::Reading,
    response_key::ResponseKey,
    types::{Day, EventId, Sent, Zone},
};
use crate::{
    App,
    figures::{Filter, quarter_of},
};

use answer::Dashboard;
pub use make::DashboardQuery;
use make::make;

/// The endpoint.
pub struct DashboardApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl DashboardApi {
    /// Dashboard of an event
    ///
    /// The seven metrics over the period, and the same by day, hour of the week, ticket type and traffic
    /// source.
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
        /// Only facts of this traffic source.
        #[oai(example = "example::parameter::source")]
        source: Query<Option<String>>,
        /// Only facts of this ticket type, by its id or its name. Views and begun registrations
        /// mostly name none.
        #[oai(name = "ticketType", example = "example::parameter::ticket_type")]
        ticket_type: Query<Option<String>>,
        /// Divides the period into `series`; into hours, at most 31 days, so that `dateFrom` should be given.
        granularity: Query<Option<Sent<GranularityName>>>,
        /// Compares with as many days directly before (`previous`), or with the same days of the
        /// year before (`year`).
        compare: Query<Option<Sent<CompareName>>>,
        /// `checkInCurve`, and with a filter `firstFactAt` and `lastFactAt`, are computed from single facts:
        /// only if at most 20,000 facts must be scanned; `always` lifts the limit, as far as the time-out of
        /// a statement allows; `never` skips them.
        details: Query<Option<Sent<DetailsName>>>,
        /// The `ETag` of an answer that the caller has.
        #[oai(name = "If-None-Match", example = "example::parameter::tag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Answered<Dashboard>, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let event = access::event(&app, &caller.0, event_id.id()?).await?;
        let now = clock::now();
        let timezone = timezone.0.as_deref();
        let asked = Asked::read(&app.store, days, timezone, event.zone, now).await?;
        let wanted = DashboardQuery {
            filter: Filter {
                source: source.0,
                ticket_type: ticket_type.0,
            },
            granularity: refine::granularity(granularity.0.as_ref())?,
            compare: refine::compare(compare.0.as_ref())?,
            details: refine::details(details.0.as_ref())?,
        };
        let versions = app
            .store
            .event_versions(
                event.tenant_id,
                event.event_id,
                asked.reach(wanted.compare)?,
                asked.zone(),
            )
            .await?;
        let quarter = wanted.goes_by_hours().then(|| quarter_of(now));
        let question =
            ResponseKey::Dashboard(event.clone(), asked.clone(), wanted.clone(), quarter);
        let state = versions.state();
        let making = make(App::clone(&app), event, asked, wanted, now);
        let answer = app.answers.get(question, state, making).await?;
        Ok(answered(&answer, if_none_match.0.as_deref()))
    }
}
