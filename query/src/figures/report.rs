//! The report of an organization: its totals, and every event of it.

use std::collections::BTreeMap;

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    DayFigures, Row, SourceFigures, Tally, Totals, days::by_day, sources::by_source,
    tally::tally_by,
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
}

/// All figures of a report.
#[derive(Clone, Debug)]
pub struct Report {
    /// All events together; a visitor of two events counts once.
    pub totals: Totals,
    /// Every registered event, and those with facts that were never registered.
    pub events: Vec<EventFigures>,
    /// Every day of the period.
    pub by_day: Vec<DayFigures>,
    /// Every traffic source.
    pub by_source: Vec<SourceFigures>,
}

impl Report {
    /// Folds the rows of all events of an organization.
    #[must_use]
    pub fn fold(rows: &[&Row], period: Period, known: &[KnownEvent]) -> Self {
        let total: Tally = rows.iter().copied().collect();
        let mut tallies = tally_by(rows.iter().copied(), |row| row.event_id);
        let mut titles = BTreeMap::new();
        for event in known {
            tallies.entry(event.event_id).or_default();
            titles.insert(event.event_id, event);
        }
        let events = tallies.into_iter().map(|(event_id, tally)| {
            let known = titles.get(&event_id);
            EventFigures {
                event_id,
                title: known.map(|event| event.title.clone()),
                starts_at: known.and_then(|event| event.starts_at),
                totals: Totals::from(&tally),
            }
        });
        Self {
            totals: Totals::from(&total),
            events: events.collect(),
            by_day: by_day(rows, period),
            by_source: by_source(rows),
        }
    }
}
