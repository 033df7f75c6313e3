//! The handler of `GET /organizations/{orgId}/report`.

use analytics_shared::{auth::BearerToken, clock, problem::ProblemResponse};
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
            DateRangeParams, OrgId, Page, PageNumber, PageSize, RawParam, ReportingPeriod,
            TimeZoneName, choice,
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
        app: Data<&App>,
        token: BearerToken,
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
        size: Query<Option<RawParam<PageSize>>>,
        /// Order of `events`: a key metric, `cancellations`, `cancellationRate`, `noShows`, `title`,
        /// `startsAt`, or the sum of the payments in a currency, like `revenue.EUR`; then `asc` (default) or
        /// `desc`. Events without a value, or without payments and refunds in the currency, come last.
        sort: Query<Option<RawParam<EventSort>>>,
        /// Comparison period of the totals: the same number of days directly before (`previous`), or the same
        /// days of the previous year (`year`).
        compare: Query<Option<RawParam<CompareWith>>>,
        /// `ETag` of the response that the client has.
        #[oai(name = "If-None-Match", example = "examples::parameters::etag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ConditionalResponse<Report>, ProblemResponse<ReadProblems>> {
        let dates = DateRangeParams::parse(date_from.0.as_ref(), date_to.0.as_ref())?;
        let page = Page::parse(page.0.as_ref(), size.0.as_ref(), sort.0.as_ref())?;
        let (store, now) = (&app.store, clock::now());
        let organization = authorize_organization(store, &token.0, org_id.id()?).await?;
        let (timezone, default_zone) = (timezone.0.as_deref(), organization.zone);
        let period = ReportingPeriod::resolve(store, dates, timezone, default_zone, now).await?;
        let request = ReportRequest {
            organization,
            period,
            page,
            compare: choice(compare.0.as_ref())?,
        };
        let range = request.period.covering_range(request.compare)?;
        let versions = store
            .tenant_versions(&request.query(range))
            .await?
            .versions();
        let key = Fingerprint::of(&("report", &request, versions.fingerprint));
        let build = build_report(App::clone(&app), request, now);
        Ok(respond(&app.responses, key, if_none_match.0.as_deref(), build).await?)
    }
}
