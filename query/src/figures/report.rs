//! The report of an organization: its totals, and every event of it.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Attendance, DayFigures, EventFold, Kind, SourceFigures, Tally, Today, Totals, UnitedDays,
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
    /// Unites the folds of all events of an organization, whose `days` are united already.
    #[must_use]
    pub fn of(
        folds: &[Arc<EventFold>],
        days: &UnitedDays,
        period: Period,
        known: &[KnownEvent],
        today: Today<'_>,
    ) -> Self {
        let events = events(folds, known, today);
        Self {
            totals: together(folds),
            no_shows: events
                .iter()
                .filter_map(|event| event.no_shows)
                .reduce(|sum, of_event| sum + of_event),
            attendance: Attendance::of(folds.iter().map(|fold| fold.tally())),
            events,
            by_day: days.each(period),
            by_source: by_source(folds),
        }
    }
}

/// All events together.
#[must_use]
pub fn together(folds: &[Arc<EventFold>]) -> Totals {
    let tallies: Vec<_> = folds.iter().map(|fold| fold.tally()).collect();
    Totals::from(&Tally::united(&tallies, &[Kind::View]))
}

/// Every event that is known or has facts, in the order of their ids.
fn events(folds: &[Arc<EventFold>], known: &[KnownEvent], today: Today<'_>) -> Vec<EventFigures> {
    let mut events = BTreeMap::<Uuid, (Option<&EventFold>, Option<&KnownEvent>)>::new();
    for fold in folds {
        events.entry(fold.event_id()).or_default().0 = Some(fold);
    }
    for event in known {
        events.entry(event.event_id).or_default().1 = Some(event);
    }
    let nothing = Tally::default();
    let figures = events.into_iter().map(|(event_id, (fold, known))| {
        let totals = Totals::from(fold.map_or(&nothing, EventFold::tally));
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

fn by_source(folds: &[Arc<EventFold>]) -> Vec<SourceFigures> {
    let mut sources = BTreeMap::<&str, Vec<&Tally>>::new();
    for (source, tally) in folds.iter().flat_map(|fold| fold.by_source()) {
        sources.entry(source).or_default().push(tally);
    }
    in_order(sources.into_iter().map(|(source, tallies)| {
        let united = Tally::united(&tallies, &[Kind::View]);
        SourceFigures::of(source, &united)
    }))
}
