//! `GET /events/{eventId}/funnel`

#[path = "response.rs"]
mod answer;
mod comparison;
mod group;
#[path = "build.rs"]
mod make;
mod steps;
mod times;

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
    refine::{self, CompareName, DetailsName, GroupByName},
    refusals::Reading,
    response_key::ResponseKey,
    types::{Day, EventId, Sent, Zone},
};
use crate::{App, figures::Filter};

use answer::Funnel;
pub use make::FunnelQuery;
use make::make;

/// The endpoint.
pub struct FunnelApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl FunnelApi {
    /// Registration funnel of an event
    ///
    /// From page view to check-in: counts and distinct visitors of every step, the rates between them, and
    /// how long people take. Steps are counted in the period, each for itself.
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
        #[oai(example = "example::parameter::source")]
        source: Query<Option<String>>,
        /// Only facts of this ticket type, by its id or its name. Views and begun registrations
        /// mostly name none.
        #[oai(name = "ticketType", example = "example::parameter::ticket_type")]
        ticket_type: Query<Option<String>>,
        /// Tells the funnel apart by traffic source, ticket type or day, in `groups`.
        #[oai(name = "groupBy")]
        group_by: Query<Option<Sent<GroupByName>>>,
        /// Compares with as many days directly before (`previous`), or with the same days of the
        /// year before (`year`).
        compare: Query<Option<Sent<CompareName>>>,
        /// `times` need each fact by itself. They are told where that means to look at no more than 20,000
        /// facts; with `always` in any case, as far as the time for a statement allows; with `never` not at all.
        details: Query<Option<Sent<DetailsName>>>,
        /// The `ETag` of an answer that the caller has.
        #[oai(name = "If-None-Match", example = "example::parameter::tag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Answered<Funnel>, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let event = access::event(&app, &caller.0, event_id.id()?).await?;
        let now = clock::now();
        let timezone = timezone.0.as_deref();
        let asked = Asked::read(&app.store, days, timezone, event.zone, now).await?;
        let wanted = FunnelQuery {
            filter: Filter {
                source: source.0,
                ticket_type: ticket_type.0,
            },
            group_by: refine::group_by(group_by.0.as_ref())?,
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
        let question = ResponseKey::Funnel(event.clone(), asked.clone(), wanted.clone());
        let state = versions.state();
        let making = make(App::clone(&app), event, asked, wanted, now);
        let answer = app.answers.get(question, state, making).await?;
        Ok(answered(&answer, if_none_match.0.as_deref()))
    }
}
