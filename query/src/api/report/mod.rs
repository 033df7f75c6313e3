//! `GET /organizations/{orgId}/report`

#[path = "response.rs"]
mod answer;
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
    paging::{Order, Page, PageNumber, PageSize},
    refine::{self, CompareName},
    refusals::Reading,
    response_key::ResponseKey,
    types::{Day, OrgId, Sent, Zone},
};
use crate::App;

use answer::Report;
use make::make;

/// The endpoint.
pub struct ReportApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl ReportApi {
    /// Report of an organization
    ///
    /// Totals over all events of the organization, the events themselves (sorted and paged), and
    /// the totals by day.
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
        caller: BearerToken,
        /// The organization.
        #[oai(name = "orgId")]
        org_id: Path<Sent<OrgId>>,
        /// The first day; without it, the first day with facts in the year before `dateTo`.
        #[oai(name = "dateFrom")]
        date_from: Query<Option<Sent<Day>>>,
        /// The last day; without it, today.
        #[oai(name = "dateTo")]
        date_to: Query<Option<Sent<Day>>>,
        /// IANA zone that days are counted in; without it, the zone that all events of the
        /// organization share, else the service's default.
        timezone: Query<Option<Sent<Zone>>>,
        /// Page of `events`, from 0.
        page: Query<Option<Sent<PageNumber>>>,
        /// Events on a page.
        size: Query<Option<Sent<PageSize>>>,
        /// Order of `events`: a metric, `cancellations`, `cancellationRate`, `noShows`, `title` or
        /// `startsAt`, or the sum of the payments in a currency, like `revenue.EUR`; then `asc`
        /// (which need not be said) or `desc`. What is `null`, or has neither payments nor refunds in
        /// the currency, comes last.
        sort: Query<Option<Sent<Order>>>,
        /// Compares the totals with as many days directly before (`previous`), or with the same days
        /// of the year before (`year`).
        compare: Query<Option<Sent<CompareName>>>,
        /// The `ETag` of an answer that the caller has.
        #[oai(name = "If-None-Match", example = "example::parameter::tag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Answered<Report>, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let page = Page::read(page.0.as_ref(), size.0.as_ref(), sort.0.as_ref())?;
        let organization = access::organization(&app, &caller.0, org_id.id()?).await?;
        let now = clock::now();
        let timezone = timezone.0.as_deref();
        let asked = Asked::read(&app.store, days, timezone, organization.zone, now).await?;
        let tenant_id = organization.tenant_id;
        let compare = refine::compare(compare.0.as_ref())?;
        let reach = asked.reach(compare)?;
        let versions = app
            .store
            .tenant_versions(tenant_id, (reach, asked.zone()), app.default_zone)
            .await?;
        let question = ResponseKey::Report(organization.clone(), asked.clone(), page, compare);
        let making = make(App::clone(&app), organization, asked, page, compare, now);
        let answer = app.answers.get(question, versions.state(), making).await?;
        Ok(answered(&answer, if_none_match.0.as_deref()))
    }
}
