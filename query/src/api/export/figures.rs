//! The figures of the first sheet of a workbook: the responses of dashboard and report.

use std::sync::Arc;

use analytics_shared::problem::Problem;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    admission::Reader,
    analytics::{Filter, PageRange, ScanPolicy},
    api::{
        authorization::{AuthorizedEvent, AuthorizedOrganization},
        dashboard::DashboardQuery,
        event::{EventQuery, EventRequest},
        params::{EventPage, ReportingPeriod},
        report::{ReportRequest, build_report},
    },
    app::App,
    export::{Figures, FiguresSubject},
};

/// Entries of each table, so that the sheet fits on a printed page.
const LISTED: PageRange = PageRange {
    number: 0,
    size: 10,
};

/// Returns the figures of an event, as its dashboard has them, in the share of the tenant `reader`.
///
/// # Errors
/// Fails if the tenant has used its share, or if the database fails.
pub async fn event_figures(
    app: Arc<App>,
    reader: Uuid,
    event: AuthorizedEvent,
    period: ReportingPeriod,
    now: DateTime<Utc>,
) -> Result<Figures, Problem> {
    let starts_at = event.starts_at;
    let request = EventRequest {
        event,
        period,
        compare: None,
        is_cohort: false,
    };
    let query = DashboardQuery {
        filter: Filter::default(),
        granularity: None,
        split: None,
        scan: ScanPolicy::Never,
        page: LISTED,
    };
    let dashboard = query
        .build(app, Reader::Tenant(reader), request, now)
        .await?;
    let days = dashboard.by_day.into_iter();
    Ok(Figures {
        subject: FiguresSubject::Event {
            title: dashboard.title,
            starts_at,
            ticket_types: dashboard.breakdowns.by_ticket_type,
            other_ticket_types: dashboard.breakdowns.other_ticket_types,
        },
        as_of: dashboard.metadata.as_of,
        totals: dashboard.totals,
        by_day: days.map(|day| day.metrics).collect(),
        sources: dashboard.breakdowns.sources,
    })
}

/// Returns the figures of an organization, as its report has them, in the share of the tenant `reader`.
///
/// # Errors
/// Fails if the tenant has used its share, or if the database fails.
pub async fn organization_figures(
    app: Arc<App>,
    reader: Uuid,
    organization: AuthorizedOrganization,
    period: ReportingPeriod,
    now: DateTime<Utc>,
) -> Result<Figures, Problem> {
    let query = period.tenant_query(organization.tenant_id, period.period);
    let permit = app.reads.read(reader).await?;
    let versions = app.store.tenant_versions(&query).await?;
    drop(permit);
    let request = ReportRequest {
        organization,
        period,
        page: EventPage {
            range: LISTED,
            ..EventPage::DEFAULT
        },
        sources: LISTED,
        compare: None,
        is_scan: !versions.have_rollup_in(query.zone()),
    };
    let report = build_report(app, reader, request, now).await?;
    let other_events = report.total_elements - report.events.len() as u64;
    Ok(Figures {
        subject: FiguresSubject::Organization {
            no_shows: report.totals.no_shows,
            attendance: report.totals.attendance,
            events: report.events,
            other_events,
        },
        as_of: report.metadata.as_of,
        totals: report.totals.totals,
        by_day: report.by_day,
        sources: report.sources,
    })
}
