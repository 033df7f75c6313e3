//! The report of an organization: its totals, and every event of it.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Attendance, DayFigures, EventSummary, OrganizationSummary, SourceFigures, Tally, Today, Totals,
    sources::in_order,
};

/// What the registry knows of an event.
#[derive(Clone, Debug)]
pub struct KnownEvent {
    /// The event.
    pub event_id: Uuid,
    /// Its title.
    pub title: String,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
}

/// One event of a report.
#[derive(Clone, Debug)]
pub struct EventFigures {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `None` if it was never registered.
    pub title: Option<String>,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// The event as a whole.
    pub totals: Totals,
    /// Confirmed registrations less check-ins, and not below 0; `None` until the event's day is
    /// over, or if that is not known.
    pub no_shows: Option<u64>,
}

/// All figures of a report.
#[derive(Clone, Debug)]
pub struct Report {
    /// All events together; a visitor of two events counts once.
    pub totals: Totals,
    /// Those of the events of which they are known; `None` if of none.
    pub no_shows: Option<u64>,
    /// Who came to any of the events.
    pub attendance: Attendance,
    /// Every registered event, and those with facts that were never registered.
    pub events: Vec<EventFigures>,
    /// Every day of the period.
    pub by_day: Vec<DayFigures>,
    /// Every traffic source.
    pub by_source: Vec<SourceFigures>,
}

impl Report {
    /// The report of an organization from the summaries of its events.
    #[must_use]
    pub fn of(
        events: &[Arc<EventSummary>],
        organization: &OrganizationSummary,
        period: Period,
        known: &[KnownEvent],
        today: Today<'_>,
    ) -> Self {
        let tallies = events.iter().map(|event| &event.sums().total);
        let attendance = Attendance::of(tallies);
        let sums = organization.sums();
        let sources = sums.by_source.iter();
        let events = event_figures(events, known, today);
        Self {
            totals: organization.totals(),
            no_shows: events
                .iter()
                .filter_map(|event| event.no_shows)
                .reduce(|sum, of_event| sum + of_event),
            attendance,
            events,
            by_day: organization.days().each(period),
            by_source: in_order(sources.map(|(source, tally)| SourceFigures::of(source, tally))),
        }
    }
}

/// Every event that is known or has facts, in the order of their ids.
fn event_figures(
    summaries: &[Arc<EventSummary>],
    known: &[KnownEvent],
    today: Today<'_>,
) -> Vec<EventFigures> {
    let mut events = BTreeMap::<Uuid, (Option<&EventSummary>, Option<&KnownEvent>)>::new();
    for summary in summaries {
        events.entry(summary.event_id()).or_default().0 = Some(summary);
    }
    for event in known {
        events.entry(event.event_id).or_default().1 = Some(event);
    }
    let nothing = Tally::default();
    let figures = events.into_iter().map(|(event_id, (summary, known))| {
        let tally = summary.map_or(&nothing, |summary| &summary.sums().total);
        let totals = Totals::from(tally);
        let starts_at = known.and_then(|event| event.starts_at);
        EventFigures {
            event_id,
            title: known.map(|event| event.title.clone()),
            starts_at,
            no_shows: today.no_shows(starts_at, &totals.headline),
            totals,
        }
    });
    figures.collect()
}
