//! Builds the report of an organization.

use std::sync::Arc;

use analytics_shared::{period::Period, problem::Problem};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::response::{Report, ReportComparison};
use crate::{
    analytics::{CompareWith, OrganizationReport, PageRange, Totals},
    api::{
        authorization::AuthorizedOrganization,
        params::{EventPage, ReportingPeriod, comparison_period},
        responses::{Comparison, ReportMetadata},
    },
    app::App,
    store::TenantQuery,
};

/// An authorized request for a report.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReportRequest {
    pub organization: AuthorizedOrganization,
    pub period: ReportingPeriod,
    pub page: EventPage,
    /// Page of the traffic sources.
    pub sources: PageRange,
    pub compare: Option<CompareWith>,
    /// Whether events have no rollup in the requested time zone, and are recounted from raw facts.
    pub is_scan: bool,
}

impl ReportRequest {
    /// Returns the query for the facts in `period`.
    pub fn query(&self, period: Period) -> TenantQuery {
        self.period
            .tenant_query(self.organization.tenant_id, period)
    }
}

/// Builds the response in the share of the tenant `reader`.
///
/// # Errors
/// Fails with a problem that names the parameter if there is no comparison period, if the tenant has used its
/// share, or if the database fails.
pub async fn build_report(
    app: Arc<App>,
    reader: Uuid,
    request: ReportRequest,
    now: DateTime<Utc>,
) -> Result<Report, Problem> {
    let _permit = if request.is_scan {
        app.reads.scan(reader).await?
    } else {
        app.reads.read(reader).await?
    };
    let snapshot = app.store.snapshot(request.organization.tenant_id).await?;
    let reporting = &request.period;
    let query = request.query(reporting.period);
    let current = app.events.summarize_organization(&snapshot, &query).await?;
    let dates = current.events.iter().flat_map(|event| event.dates());
    let period = reporting.trim(dates);
    let report = OrganizationReport::of(
        &current.events,
        &current.summary,
        period,
        &request.organization.events,
        reporting.as_of_date(),
        request.sources,
    );
    let mut changed_at = current.changed_at;
    let comparison = match request.compare {
        None => None,
        Some(compare) => {
            let earlier = comparison_period(compare, period)?;
            let query = request.query(earlier);
            let before = app.events.summarize_organization(&snapshot, &query).await?;
            changed_at = changed_at.max(before.changed_at);
            let totals = Totals::from(&before.summary.aggregates.total);
            Some(ReportComparison {
                comparison: Comparison::new(earlier, totals, &report.totals.totals),
                by_day: before.summary.by_day(earlier),
            })
        }
    };
    snapshot.end().await?;
    let metadata = ReportMetadata::new(period, reporting.zone(), changed_at.unwrap_or(now));
    let organization_id = request.organization.tenant_id;
    Ok(Report {
        comparison,
        ..Report::new(organization_id, metadata, report, request.page)
    })
}
