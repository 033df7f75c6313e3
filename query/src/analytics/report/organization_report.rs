//! The report of an organization.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use poem_openapi::Object;
use uuid::Uuid;

use crate::analytics::{
    aggregate::{
        Aggregate, Conversion, DailyMetrics, EventSummary, OrganizationSummary, SourceAggregates,
    },
    breakdown::SourceBreakdown,
    kpi::{AsOfDate, Attendance, Totals},
    model::{PageRange, RegisteredEvent},
};

/// Metrics of one event of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct EventMetrics {
    /// Event id.
    pub event_id: Uuid,
    /// Title; `null` if the event was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// Start of the event; `null` if unknown.
    #[oai(nullable)]
    pub starts_at: Option<DateTime<Utc>>,
    /// Totals of the event.
    #[oai(flatten)]
    pub totals: Totals,
    /// `confirmedRegistrations` less `checkedIn`, both in the period, at least 0; `null` until the day on
    /// which the event starts is over in `timezone`, if the period does not contain that day, or if it is
    /// unknown.
    #[oai(nullable)]
    pub no_shows: Option<u64>,
}

/// Totals of all events of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ReportTotals {
    /// The totals that each event has as well. A visitor of two events counts once.
    #[oai(flatten)]
    pub totals: Totals,
    /// Sum of the known `noShows` of the events; `null` if none is known.
    #[oai(nullable)]
    pub no_shows: Option<u64>,
    /// Attendees of all events.
    #[oai(flatten)]
    pub attendance: Attendance,
}

/// The report of an organization.
#[derive(Clone, Debug)]
pub struct OrganizationReport {
    /// Totals of all events.
    pub totals: ReportTotals,
    /// Published events, and other events with facts, in the order of their ids.
    pub events: Vec<EventMetrics>,
    /// Metrics of every day of the period.
    pub by_day: Vec<DailyMetrics>,
    /// Metrics by traffic source.
    pub sources: SourceBreakdown,
}

impl OrganizationReport {
    /// Builds the report from the summaries of the events and the published events, with one page of the
    /// traffic sources.
    pub fn of(
        summaries: &[Arc<EventSummary>],
        organization: &OrganizationSummary,
        period: Period,
        registered: &[RegisteredEvent],
        as_of: AsOfDate<'_>,
        sources: PageRange,
    ) -> Self {
        let events = event_metrics(summaries, registered, as_of);
        let known_no_shows = events.iter().filter_map(|event| event.no_shows);
        let SourceAggregates { total, by_source } = &organization.aggregates;
        let conversions = summaries.iter().map(|event| &**event.conversion());
        let conversion = Conversion::merge(conversions, total.links());
        Self {
            totals: ReportTotals {
                totals: Totals::from(total),
                no_shows: known_no_shows.reduce(|sum, of_event| sum + of_event),
                attendance: Attendance::of(summaries.iter().map(|event| &event.aggregates.total)),
            },
            events,
            by_day: organization.by_day(period),
            sources: SourceBreakdown::of(by_source, &conversion, sources),
        }
    }
}

/// Returns the metrics of every event that is published or has facts, in the order of their ids.
fn event_metrics(
    summaries: &[Arc<EventSummary>],
    registered: &[RegisteredEvent],
    as_of: AsOfDate<'_>,
) -> Vec<EventMetrics> {
    let mut events = BTreeMap::<Uuid, (Option<&EventSummary>, Option<&RegisteredEvent>)>::new();
    for summary in summaries {
        events.entry(summary.event_id).or_default().0 = Some(summary);
    }
    for event in registered {
        events.entry(event.event_id).or_default().1 = Some(event);
    }
    let empty = Aggregate::default();
    let metrics = events.into_iter().map(|(event_id, (summary, event))| {
        let totals = Totals::from(summary.map_or(&empty, |summary| &summary.aggregates.total));
        let starts_at = event.and_then(|event| event.starts_at);
        EventMetrics {
            event_id,
            title: event.map(|event| event.title.clone()),
            starts_at,
            no_shows: as_of.no_shows(starts_at, &totals.metrics),
            totals,
        }
    });
    metrics.collect()
}
