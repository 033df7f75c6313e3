//! The handler of `GET /organizations/{orgId}/report`.

use std::sync::Arc;

use analytics_shared::{
    auth::TokenOrSession,
    clock,
    problem::{Problem, ProblemResponse},
};
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

use super::{
    build::{ReportRequest, build_report},
    response::Report,
};
use crate::{
    analytics::{CalendarDate, CompareWith, EventSort},
    api::{
        authorization::authorize_organization,
        params::{
            BreakdownPageSize, DateRangeParams, EventPage, EventPageSize, OrgId, PageNumber,
            RawParam, ReportingPeriod, TimeZoneName, choice, parse_page,
        },
        responses::{ConditionalResponse, ReadProblems, examples, respond},
        routes::{PREFIX, Tag},
    },
    app::App,
    store::Fingerprint,
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
        let page = EventPage::parse(page.0.as_ref(), size.0.as_ref(), sort.0.as_ref())?;
        let (store, now) = (&app.store, clock::now());
        let reader = token.0.caller().tenant_id.unwrap_or_default();
        let permit = app.reads.read(reader).await.map_err(Problem::from)?;
        let organization = authorize_organization(store, &token.0, org_id.id()?).await?;
        let (timezone, default_zone) = (timezone.0.as_deref(), organization.zone);
        let period = ReportingPeriod::resolve(store, dates, timezone, default_zone, now).await?;
        let mut request = ReportRequest {
            organization,
            period,
            page,
            sources,
            compare: choice(compare.0.as_ref())?,
            is_scan: false,
        };
        let range = request.period.covering_range(request.compare)?;
        let query = request.query(range);
        let versions = app.versions.tenant_versions(store, permit, query.clone());
        let versions = versions.await?;
        request.is_scan = !versions.have_rollup_in(query.zone());
        let key = Fingerprint::of(&("report", &request, versions.versions().fingerprint));
        let build = build_report(Arc::clone(&app), reader, request, now);
        Ok(respond(&app.responses, key, if_none_match.0.as_deref(), build).await?)
    }
}
