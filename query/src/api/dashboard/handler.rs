//! The handler of `GET /events/{eventId}/dashboard`.

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

use super::{build::DashboardQuery, response::Dashboard};
use crate::{
    analytics::{CalendarDate, CompareWith, Granularity, ScanPolicy, SplitBy},
    api::{
        event::{EventParams, cached_response},
        params::{
            BreakdownPageSize, DateRangeParams, EventId, PageNumber, RawParam, TimeZoneName,
            choice, filter, parse_page,
        },
        responses::{ConditionalResponse, ReadProblems, conditional, examples},
        routes::{PREFIX, Tag},
    },
    app::App,
    sharing::{check_no_scan, check_parameters},
};

pub struct DashboardApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Analytics")]
impl DashboardApi {
    /// Dashboard of an event
    ///
    /// Key metrics of the period, and breakdowns by day, hour of the week, ticket type and traffic source.
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
        /// Length of the time buckets in `series`. `hour` is limited to periods of 31 days, so set `dateFrom`.
        granularity: Query<Option<RawParam<Granularity>>>,
        /// Dimension of `splitSeries`, whose time buckets have the length `granularity`: days by default, no hours.
        #[oai(name = "splitBy")]
        split_by: Query<Option<RawParam<SplitBy>>>,
        /// Comparison period: the same number of days directly before (`previous`), or the same days of the
        /// previous year (`year`).
        compare: Query<Option<RawParam<CompareWith>>>,
        /// `checkInCurve`, and with a filter `firstFactAt` and `lastFactAt`, need a scan of raw facts. By
        /// default they are computed only if at most 20,000 facts must be scanned; `always` lifts the limit,
        /// within the statement time-out of the database; `never` skips them.
        details: Query<Option<RawParam<ScanPolicy>>>,
        /// Page of `byTicketType`, `bySource` and `bySourceAndTicketType`, from 0. What a page does not list is
        /// summed up beside it, in `otherTicketTypes`, `otherSources` and `otherSourcesAndTicketTypes`.
        page: Query<Option<RawParam<PageNumber>>>,
        /// Entries per page.
        size: Query<Option<RawParam<BreakdownPageSize>>>,
        /// `ETag` of the response that the client has.
        #[oai(name = "If-None-Match", example = "examples::parameters::etag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ConditionalResponse<Dashboard>, ProblemResponse<ReadProblems>> {
        let caller = &token.0;
        let view = caller.shared_view();
        let split = choice(split_by.0.as_ref())?;
        let has_parameters = [
            ("dateFrom", date_from.0.is_some(), Section::Series),
            ("dateTo", date_to.0.is_some(), Section::Series),
            ("compare", compare.0.is_some(), Section::Series),
            ("granularity", granularity.0.is_some(), Section::Series),
            ("source", source.0.is_some(), Section::Sources),
            ("ticketType", ticket_type.0.is_some(), Section::TicketTypes),
            ("splitBy", split.is_some(), Section::Series),
            (
                "splitBy",
                split.is_some(),
                split.map_or(Section::Series, section_of),
            ),
        ];
        check_parameters(view, has_parameters)?;
        let scan = choice(details.0.as_ref())?.unwrap_or_default();
        let scans = [
            ("timezone", timezone.0.is_some()),
            ("details", scan == ScanPolicy::Always),
        ];
        check_no_scan(view, scans)?;
        let query = DashboardQuery {
            filter: filter(source.0.as_deref(), ticket_type.0.as_deref()),
            granularity: choice(granularity.0.as_ref())?,
            split,
            scan,
            page: parse_page(["page", "size"], page.0.as_ref(), size.0.as_ref())?,
        };
        if query.split.is_some() && query.is_hourly() {
            let message =
                "is not possible with the granularity `hour`; request `day`, `week` or `month`";
            return Err(Problem::invalid("splitBy", message).into());
        }
        let params = EventParams {
            event_id: event_id.id()?,
            dates: DateRangeParams::parse(date_from.0.as_ref(), date_to.0.as_ref())?,
            timezone: timezone.0.as_deref().map(str::to_owned),
            compare: choice(compare.0.as_ref())?,
            is_cohort: false,
        };
        let response = cached_response(&app, caller, params, query).await?;
        Ok(conditional(response, if_none_match.0.as_deref()))
    }
}

/// Returns the section that breaks figures down as a split does.
fn section_of(split: SplitBy) -> Section {
    match split {
        SplitBy::Source => Section::Sources,
        SplitBy::TicketType => Section::TicketTypes,
    }
}
