//! The response of a report.

use std::sync::Arc;

use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use crate::{
    analytics::{
        AsOfDate, DailyMetrics, EventMetrics, EventSummary, OrganizationReport,
        OrganizationSummary, RegisteredEvent, ReportTotals, SourceBreakdown, page_of,
    },
    api::{
        params::{BreakdownPageSize, EventPage},
        responses::{Comparison, ReportMetadata, examples},
    },
};

/// The report of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Report {
    /// Organization id.
    pub organization_id: Uuid,
    /// Period and time zone.
    #[oai(flatten)]
    pub metadata: ReportMetadata,
    /// Totals of all events.
    pub totals: ReportTotals,
    /// One page of the events: published events, and other events with facts in the period.
    pub events: Vec<EventMetrics>,
    /// Page number from 0.
    pub page: u32,
    /// Events per page.
    pub size: u32,
    /// Number of events on all pages.
    pub total_elements: u64,
    /// Metrics of all events for every day of the period.
    pub by_day: Vec<DailyMetrics>,
    /// Metrics of all events by traffic source.
    #[oai(flatten)]
    pub sources: SourceBreakdown,
    /// Comparison period; `null` without `compare`.
    #[oai(nullable)]
    pub comparison: Option<ReportComparison>,
}

/// The comparison period of a report.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ReportComparison {
    /// Period, totals and changes.
    #[oai(flatten)]
    pub comparison: Comparison,
    /// Metrics of all events for every day of the comparison period.
    pub by_day: Vec<DailyMetrics>,
}

impl Report {
    /// Builds the response without a comparison.
    pub fn new(
        organization_id: Uuid,
        metadata: ReportMetadata,
        report: OrganizationReport,
        page: EventPage,
    ) -> Self {
        Self {
            organization_id,
            metadata,
            totals: report.totals,
            total_elements: report.events.len() as u64,
            events: page_of(report.events, page.sort, page.range),
            page: page.range.number,
            size: page.range.size,
            by_day: report.by_day,
            sources: report.sources,
            comparison: None,
        }
    }
}

impl Example for Report {
    fn example() -> Self {
        let event = RegisteredEvent {
            event_id: examples::EVENT,
            tenant_id: examples::ORGANIZATION,
            title: examples::TITLE.to_owned(),
            starts_at: Some(examples::time()),
            zone: None,
            rollup_zone: None,
        };
        let rows = examples::rows();
        let rows = rows.all();
        let events = [Arc::new(EventSummary::of_rows(examples::EVENT, &rows))];
        let summary = OrganizationSummary::of(&events, &OrganizationSummary::default());
        let period = examples::period();
        // The event takes place on the last day, and this is the day after.
        let as_of = AsOfDate {
            date: period.to.succ_opt().unwrap_or_default(),
            period,
            rules: &examples::rules(),
        };
        let sources = BreakdownPageSize::DEFAULT_PAGE;
        let report = OrganizationReport::of(&events, &summary, period, &[event], as_of, sources);
        let (id, metadata) = (examples::ORGANIZATION, examples::metadata());
        Self::new(id, metadata, report, EventPage::DEFAULT)
    }
}
