//! The report of an organization, as it is answered.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use super::super::{
    comparison::Comparison,
    example,
    paging::Page,
    parts::{self, About, DayFigures, SourceFigures, Totals},
};
use crate::figures::{self, EventSummary, KnownEvent, OrganizationSummary, Today};

/// The report of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Report {
    /// The organization.
    pub organization_id: Uuid,
    /// The period.
    #[oai(flatten)]
    pub about: About,
    /// All events together.
    pub totals: ReportTotals,
    /// One page of the organization's events: all that were published, and others with facts in
    /// the period.
    pub events: Vec<EventFigures>,
    /// Which page this is, from 0.
    pub page: u32,
    /// How many events a page has.
    pub size: u32,
    /// How many events there are on all pages.
    pub total_elements: u64,
    /// All events together, for every day of the period.
    pub by_day: Vec<DayFigures>,
    /// Traffic sources of all events, most views first.
    pub by_source: Vec<SourceFigures>,
    /// The earlier period that `compare` names, for all events together; `null` without it.
    #[oai(nullable)]
    pub comparison: Option<Comparison>,
}

/// All events of an organization together.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ReportTotals {
    /// What is told of each event too.
    #[oai(flatten)]
    pub totals: Totals,
    /// The sum of the events' `noShows`, of those of which it is known; `null` if of none.
    #[oai(nullable)]
    pub no_shows: Option<u64>,
    /// Distinct visitors who checked in at any of the events; who came to two counts once.
    pub attendees: u64,
    /// Those of them who checked in at two or more of the events.
    pub returning_attendees: u64,
}

/// One event of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct EventFigures {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `null` if it was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// When it begins; `null` if that is not known.
    #[oai(nullable)]
    pub starts_at: Option<DateTime<Utc>>,
    /// The event as a whole.
    #[oai(flatten)]
    pub totals: Totals,
    /// `confirmedRegistrations` less `checkedIn`, both of the period, and not below 0; `null` until the day
    /// on which the event begins is over in `timezone`, if the period does not have that day, or if it is
    /// not known.
    #[oai(nullable)]
    pub no_shows: Option<u64>,
}

impl Report {
    /// The answer without a comparison.
    pub fn new(organization_id: Uuid, about: About, report: figures::Report, page: Page) -> Self {
        let total_elements = report.events.len() as u64;
        let events = figures::page_of(report.events, page.sort, page.number, page.size as usize);
        Self {
            organization_id,
            about,
            totals: ReportTotals {
                totals: report.totals.into(),
                no_shows: report.no_shows,
                attendees: report.attendance.attendees,
                returning_attendees: report.attendance.returning,
            },
            events: parts::all(events),
            page: page.number,
            size: page.size,
            total_elements,
            by_day: parts::all(report.by_day),
            by_source: parts::all(report.by_source),
            comparison: None,
        }
    }
}

impl Example for Report {
    fn example() -> Self {
        let known = KnownEvent {
            event_id: example::EVENT,
            title: example::TITLE.to_owned(),
            starts_at: Some(example::time()),
        };
        let rows = example::rows();
        let rows: Vec<_> = rows.iter().collect();
        let events = [Arc::new(EventSummary::of_rows(example::EVENT, &rows))];
        let summary = OrganizationSummary::of(&events, &OrganizationSummary::default());
        // The event takes place on the last day, and this is the day after.
        let today = Today {
            date: example::period().to.succ_opt().unwrap_or_default(),
            asked: example::period(),
            clock: &example::clock(),
        };
        let period = example::period();
        let report = figures::Report::of(&events, &summary, period, &[known], today);
        Self::new(example::ORGANIZATION, example::about(), report, Page::FIRST)
    }
}

impl From<figures::EventFigures> for EventFigures {
    fn from(event: figures::EventFigures) -> Self {
        Self {
            event_id: event.event_id,
            title: event.title,
            starts_at: event.starts_at,
            totals: event.totals.into(),
            no_shows: event.no_shows,
        }
    }
}
