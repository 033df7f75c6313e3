//! The dashboard of an event, as it is answered.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use super::{
    super::{
        access::ReadableEvent,
        comparison::Comparison,
        example,
        parts::{self, About, SourceFigures},
        series::Stretch,
    },
    entries::{CheckInCurve, DashboardDay, HourOfWeek, SourceTicketTypeFigures, TicketTypeFigures},
};
use crate::figures::{
    self, Compare, EventSummary, Kind, Names, Span, Tally, Totals, Week, ZoneClock,
};

/// The dashboard of one event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Dashboard {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `null` if it was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// The period.
    #[oai(flatten)]
    pub about: About,
    /// The event as a whole.
    #[oai(flatten)]
    pub totals: parts::Totals,
    /// When the first fact of the period happened that any figure counts; `null` without any (see also
    /// `details`).
    #[oai(nullable)]
    pub first_fact_at: Option<DateTime<Utc>>,
    /// When the last one happened.
    #[oai(nullable)]
    pub last_fact_at: Option<DateTime<Utc>>,
    /// Every day of the period, in order, also those without facts.
    pub by_day: Vec<DashboardDay>,
    /// Every hour of the week, from midnight on Monday (the example has only some).
    pub by_hour: Vec<HourOfWeek>,
    /// Check-ins by the minute on the day on which the event begins, or, where that is not known, on the day
    /// with most check-ins; `null` where the period has no such day (see also `details`).
    #[oai(nullable)]
    pub check_in_curve: Option<CheckInCurve>,
    /// Ticket types, most registrations first.
    pub by_ticket_type: Vec<TicketTypeFigures>,
    /// Traffic sources, most views first.
    pub by_source: Vec<SourceFigures>,
    /// Ticket types of each source, in the order of the sources' names.
    pub by_source_and_ticket_type: Vec<SourceTicketTypeFigures>,
    /// The period divided as `granularity` says; `null` without it.
    #[oai(nullable)]
    pub series: Option<Vec<Stretch>>,
    /// The earlier period that `compare` names; `null` without it.
    #[oai(nullable)]
    pub comparison: Option<Comparison>,
}

/// What an answer is made of, beside the figures that rows of days tell.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// When the first and the last fact happened.
    pub ends: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The hours of the week.
    pub by_hour: Week,
    /// A day, and its check-ins by the minute.
    pub curve: Option<(NaiveDate, Vec<figures::CurvePoint>)>,
    /// The period, divided.
    pub series: Option<Vec<figures::Stretch>>,
    /// The earlier period.
    pub comparison: Option<Comparison>,
}

impl Dashboard {
    /// The answer for `event`, whose days `clock` tells.
    pub fn new(
        event: ReadableEvent,
        (about, clock): (About, &ZoneClock),
        dashboard: figures::Dashboard,
        more: More,
    ) -> Self {
        let event_day = event.day(clock);
        let day = |figures| DashboardDay::new(figures, event_day);
        let curve = more.curve;
        let stretch = |stretch| Stretch::new(stretch, clock);
        let series = more.series;
        Self {
            event_id: event.event_id,
            title: event.title,
            about,
            totals: dashboard.totals.into(),
            first_fact_at: more.ends.map(|(first, _)| first),
            last_fact_at: more.ends.map(|(_, last)| last),
            by_day: dashboard.by_day.into_iter().map(day).collect(),
            by_hour: parts::all(more.by_hour.hours()),
            check_in_curve: curve.map(|(date, points)| CheckInCurve::new(date, points, clock)),
            by_ticket_type: parts::all(dashboard.by_ticket_type),
            by_source: parts::all(dashboard.by_source),
            by_source_and_ticket_type: parts::all(dashboard.by_source_and_ticket_type),
            series: series.map(|all| all.into_iter().map(stretch).collect()),
            comparison: more.comparison,
        }
    }
}

impl Example for Dashboard {
    fn example() -> Self {
        let rows = example::rows();
        let rows: Vec<_> = rows.iter().collect();
        let period = example::period();
        let summary = EventSummary::of_rows(example::EVENT, &rows);
        let dashboard = figures::Dashboard::of(&summary, &rows, &Names::of(&rows), period);
        let comparison = Comparison::new(
            Compare::Previous.earlier(period).unwrap_or(period),
            Totals::from(&Tally::default()),
            &dashboard.totals,
        );
        let (moments, clock) = (example::moments(), example::clock());
        let mut curve = figures::CheckInCurve::default();
        for moment in moments.iter().filter(|one| one.kind == Kind::CheckIn) {
            curve.add(moment);
        }
        let week = figures::series(&rows, period, Span::Week, &clock, period.to);
        let more = More {
            ends: Option::zip(
                moments.first().map(|first| first.at),
                moments.last().map(|last| last.at),
            ),
            by_hour: Week::of(&rows),
            curve: Some((period.to, curve.points())),
            series: Some(week),
            comparison: Some(comparison),
        };
        let about = (example::about(), &clock);
        let mut dashboard = Self::new(example::event(), about, dashboard, more);
        // All 168 hours would fill a thousand lines of the document.
        dashboard.by_hour.retain(HourOfWeek::is_busy);
        dashboard
    }
}
