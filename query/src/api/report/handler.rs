//! The handler of `GET /organizations/{orgId}/report`.

use std::sync::Arc;

use analytics_shared::{auth::TokenOrSession, problem::ProblemResponse};
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

use super::{
    cached::{ReportParams, cached_report},
    response::Report,
};
use crate::{
    analytics::{CalendarDate, CompareWith, EventSort},
    api::{
        params::{
            BreakdownPageSize, DateRangeParams, EventPage, EventPageSize, OrgId, PageNumber,
            RawParam, TimeZoneName, choice, parse_page,
        },
        responses::{ConditionalResponse, ReadProblems, conditional, examples},
        routes::{PREFIX, Tag},
    },
    app::App,
};

pub struct ReportApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Analytics")]
impl ReportApi {
    /// Report of an organization
    ///
    /// Totals of all events, the events themselves (sorted and paged), and breakdowns by day and traffic
    /// source.
    #[oai(
        path = "/organizations/:orgId/report",
        method = "get",
        operation_id = "getReport"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parameters of the request"
    )]
    async fn report(
        &self,
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        /// Organization id.
        #[oai(name = "orgId")]
        org_id: Path<RawParam<OrgId>>,
        /// First day. Default: the first day with facts in the year before `dateTo`.
        #[oai(name = "dateFrom")]
        date_from: Query<Option<RawParam<CalendarDate>>>,
        /// Last day, inclusive. Default: today.
        #[oai(name = "dateTo")]
        date_to: Query<Option<RawParam<CalendarDate>>>,
        /// IANA time zone of the days. Default: the time zone of all events of the organization if they have
        /// the same, else the default of the service.
        timezone: Query<Option<RawParam<TimeZoneName>>>,
        /// Page of `events`, from 0.
        page: Query<Option<RawParam<PageNumber>>>,
        /// Events per page.
        size: Query<Option<RawParam<EventPageSize>>>,
        /// Order of `events`: a key metric, `cancellations`, `cancellationRate`, `noShows`, `title`,
        /// `startsAt`, or the sum of the payments in a currency, like `revenue.EUR`; then `asc` (default) or
        /// `desc`. Events without a value, or without payments and refunds in the currency, come last.
        sort: Query<Option<RawParam<EventSort>>>,
        /// Page of `bySource`, from 0. Sources that a page does not list are summed up in `otherSources`.
        #[oai(name = "sourcePage")]
        source_page: Query<Option<RawParam<PageNumber>>>,
        /// Sources per page.
        #[oai(name = "sourceSize")]
        source_size: Query<Option<RawParam<BreakdownPageSize>>>,
        /// Comparison period of the totals: the same number of days directly before (`previous`), or the same
        /// days of the previous year (`year`).
        compare: Query<Option<RawParam<CompareWith>>>,
        /// `ETag` of the response that the client has.
        #[oai(name = "If-None-Match", example = "examples::parameters::etag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ConditionalResponse<Report>, ProblemResponse<ReadProblems>> {
        let dates = DateRangeParams::parse(date_from.0.as_ref(), date_to.0.as_ref())?;
        let (source_page, source_size) = (source_page.0.as_ref(), source_size.0.as_ref());
        let sources = parse_page(["sourcePage", "sourceSize"], source_page, source_size)?;
        let params = ReportParams {
            org_id: org_id.id()?,
            dates,
            timezone: timezone.0.as_deref().map(str::to_owned),
            page: EventPage::parse(page.0.as_ref(), size.0.as_ref(), sort.0.as_ref())?,
            sources,
            compare: choice(compare.0.as_ref())?,
        };
        let response = cached_report(&app, &token.0, params).await?;
        Ok(conditional(response, if_none_match.0.as_deref()))
    }
}
