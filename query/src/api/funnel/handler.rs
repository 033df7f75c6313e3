//! The handler of `GET /events/{eventId}/funnel`.

use std::sync::Arc;

use analytics_shared::{
    auth::{Section, TokenOrSession},
    problem::{Problem, ProblemResponse},
};
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

use super::{build::FunnelQuery, response::Funnel};
use crate::{
    analytics::{CalendarDate, CompareWith, GroupBy, ScanPolicy},
    api::{
        event::{EventParams, cached_response},
        params::{
            DateRangeParams, EventId, GroupPageSize, PageNumber, RawParam, TimeZoneName, choice,
            filter, parse_page,
        },
        responses::{ConditionalResponse, ReadProblems, conditional, examples},
        routes::{PREFIX, Tag},
    },
    app::App,
    sharing::{check_no_scan, check_parameters, check_section},
};

pub struct FunnelApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Analytics")]
impl FunnelApi {
    /// Registration funnel of an event
    ///
    /// From page view to check-in: counts and distinct visitors of each step, the rates between the steps, and
    /// the time to convert. Each step counts all its facts in the period, independent of the other steps.
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
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        /// Event id.
        #[oai(name = "eventId")]
        event_id: Path<RawParam<EventId>>,
        /// First day. Default: the first day with facts in the year before `dateTo`.
        #[oai(name = "dateFrom")]
        date_from: Query<Option<RawParam<CalendarDate>>>,
        /// Last day, inclusive. Default: today.
        #[oai(name = "dateTo")]
        date_to: Query<Option<RawParam<CalendarDate>>>,
        /// IANA time zone of the days. Default: the time zone of the event.
        timezone: Query<Option<RawParam<TimeZoneName>>>,
        /// Selects the facts of one traffic source.
        #[oai(example = "examples::parameters::source")]
        source: Query<Option<String>>,
        /// Selects the facts of one ticket type, by id or name. Most views and started registrations have no
        /// ticket type.
        #[oai(name = "ticketType", example = "examples::parameters::ticket_type")]
        ticket_type: Query<Option<String>>,
        /// Adds `groups`: the funnel by traffic source, campaign, ticket type or day. By campaign, it scans the raw
        /// facts of the period.
        #[oai(name = "groupBy")]
        group_by: Query<Option<RawParam<GroupBy>>>,
        /// Comparison period: the same number of days directly before (`previous`), or the same days of the
        /// previous year (`year`).
        compare: Query<Option<RawParam<CompareWith>>>,
        /// `timeToConvert` needs a scan of raw facts. By default it is computed only if at most 20,000 facts
        /// must be scanned; `always` lifts the limit, within the statement time-out of the database; `never`
        /// skips it.
        details: Query<Option<RawParam<ScanPolicy>>>,
        /// Restricts `reached` to the people whose registration was completed in the period: their views and started
        /// registrations up to its end, and their check-ins up to now. Counts and their rates stay those of the
        /// period. Not together with `groupBy`.
        #[oai(default)]
        cohort: Query<bool>,
        /// Page of `groups` by traffic source, campaign or ticket type, from 0. What a page does not list is summed up in
        /// `otherGroups`.
        page: Query<Option<RawParam<PageNumber>>>,
        /// Groups per page.
        size: Query<Option<RawParam<GroupPageSize>>>,
        /// `ETag` of the response that the client has.
        #[oai(name = "If-None-Match", example = "examples::parameters::etag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ConditionalResponse<Funnel>, ProblemResponse<ReadProblems>> {
        let caller = &token.0;
        let view = caller.shared_view();
        check_section(view, Section::Funnel)?;
        let group_by = choice(group_by.0.as_ref())?;
        let has_parameters = [
            ("dateFrom", date_from.0.is_some(), Section::Series),
            ("dateTo", date_to.0.is_some(), Section::Series),
            ("compare", compare.0.is_some(), Section::Series),
            ("source", source.0.is_some(), Section::Sources),
            ("ticketType", ticket_type.0.is_some(), Section::TicketTypes),
            (
                "groupBy",
                group_by.is_some(),
                group_by.map_or(Section::Funnel, section_of),
            ),
        ];
        check_parameters(view, has_parameters)?;
        let scan = choice(details.0.as_ref())?.unwrap_or_default();
        let scans = [
            ("timezone", timezone.0.is_some()),
            ("details", scan == ScanPolicy::Always),
            ("groupBy", group_by == Some(GroupBy::UtmCampaign)),
        ];
        check_no_scan(view, scans)?;
        if cohort.0 && group_by.is_some() {
            let reason = "cannot be combined with `groupBy`";
            return Err(Problem::invalid("cohort", reason).into());
        }
        let query = FunnelQuery {
            filter: filter(source.0.as_deref(), ticket_type.0.as_deref()),
            group_by,
            scan,
            page: parse_page(["page", "size"], page.0.as_ref(), size.0.as_ref())?,
        };
        let params = EventParams {
            event_id: event_id.id()?,
            dates: DateRangeParams::parse(date_from.0.as_ref(), date_to.0.as_ref())?,
            timezone: timezone.0.as_deref().map(str::to_owned),
            compare: choice(compare.0.as_ref())?,
            is_cohort: cohort.0,
        };
        let response = cached_response(&app, caller, params, query).await?;
        Ok(conditional(response, if_none_match.0.as_deref()))
    }
}

/// Returns the section that breaks figures down as a grouping does.
fn section_of(group_by: GroupBy) -> Section {
    match group_by {
        GroupBy::Source | GroupBy::UtmCampaign => Section::Sources,
        GroupBy::TicketType => Section::TicketTypes,
        GroupBy::Day => Section::Series,
    }
}
