//! Finds the cached report for a request, or builds it.

use std::sync::Arc;

use analytics_shared::{auth::AuthorizedCaller, clock, problem::Problem};
use uuid::Uuid;

use super::build::{ReportRequest, build_report};
use crate::{
    analytics::{CompareWith, PageRange},
    api::{
        authorization::{authorize_organization, rights},
        params::{DateRangeParams, EventPage, ReportingPeriod},
    },
    app::App,
    cache::CachedResponse,
    store::Fingerprint,
};

/// The parsed parameters of a request for a report.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReportParams {
    pub org_id: Uuid,
    pub dates: DateRangeParams,
    pub timezone: Option<String>,
    pub page: EventPage,
    pub sources: PageRange,
    pub compare: Option<CompareWith>,
}

/// Returns the response for a caller. Equal requests of callers with the same rights share a run.
///
/// # Errors
/// Fails with a problem that names the parameter if the period is invalid, if there is no such organization, if the
/// tenant has used its share, or if the database fails.
pub async fn cached_report(
    app: &Arc<App>,
    caller: &AuthorizedCaller,
    params: ReportParams,
) -> Result<CachedResponse, Problem> {
    let reader = caller.caller().tenant_id.unwrap_or_default();
    let key = Fingerprint::of(&("report", rights(caller), &params));
    let run = find_or_build(Arc::clone(app), caller.clone(), reader, params);
    app.coalescer.run(key, run).await
}

async fn find_or_build(
    app: Arc<App>,
    caller: AuthorizedCaller,
    reader: Uuid,
    params: ReportParams,
) -> Result<CachedResponse, Problem> {
    let (store, now) = (&app.store, clock::now());
    let permit = app.reads.read(reader).await?;
    let organization = authorize_organization(store, &caller, params.org_id).await?;
    let (timezone, default_zone) = (params.timezone.as_deref(), organization.zone);
    let period = ReportingPeriod::resolve(store, params.dates, timezone, default_zone, now).await?;
    let mut request = ReportRequest {
        organization,
        period,
        page: params.page,
        sources: params.sources,
        compare: params.compare,
        is_scan: false,
    };
    let range = request.period.covering_range(request.compare)?;
    let query = request.query(range);
    let versions = store.tenant_versions(&query).await?;
    drop(permit);
    request.is_scan = !versions.have_rollup_in(query.zone());
    let key = Fingerprint::of(&("report", &request, versions.versions().fingerprint));
    let build = build_report(Arc::clone(&app), reader, request, now);
    app.responses.get_or_build(key, build).await
}
