//! The response of a dashboard.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use crate::{
    analytics::{
        Aggregate, CalendarUnit, CheckInCounter, CheckInCurve, CompareWith, DailyMetrics,
        EventBreakdowns, EventKind, EventSummary, HourOfWeek, SplitBy, SplitSeries,
        TicketTypeNames, TimeBucket, Totals, by_hour_of_week, calendar_buckets,
    },
    api::{
        params::BreakdownPageSize,
        responses::{Comparison, ReportMetadata, examples},
    },
};

/// The dashboard of an event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Dashboard {
    /// Event id.
    pub event_id: Uuid,
    /// Title; `null` if the event was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// Period and time zone.
    #[oai(flatten)]
    pub metadata: ReportMetadata,
    /// Totals of the period.
    #[oai(flatten)]
    pub totals: Totals,
    /// Time of the first fact of the period that metrics count; `null` if there is none (see also `details`).
    #[oai(nullable)]
    pub first_fact_at: Option<DateTime<Utc>>,
    /// Time of the last fact of the period that metrics count; `null` as `firstFactAt`.
    #[oai(nullable)]
    pub last_fact_at: Option<DateTime<Utc>>,
    /// Every day of the period, in order, days without facts included.
    pub by_day: Vec<DashboardDay>,
    /// Every hour of the week, from midnight on Monday (the example is abridged).
    pub by_hour: Vec<HourOfWeek>,
    /// Check-ins by the minute on the day on which the event starts, or, if that is unknown, on the day with
    /// most check-ins; `null` if the period has no such day (see also `details`).
    #[oai(nullable)]
    pub check_in_curve: Option<CheckInCurve>,
    /// Breakdowns by ticket type and traffic source.
    #[oai(flatten)]
    pub breakdowns: EventBreakdowns,
    /// Time buckets of the length `granularity`; `null` without it.
    #[oai(nullable)]
    pub series: Option<Vec<TimeBucket>>,
    /// Time buckets of each of the 8 largest traffic sources or ticket types, and of all others together; `null`
    /// without `splitBy`.
    #[oai(nullable)]
    pub split_series: Option<Vec<SplitSeries>>,
    /// Comparison period; `null` without `compare`.
    #[oai(nullable)]
    pub comparison: Option<DashboardComparison>,
}

/// The comparison period of a dashboard.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DashboardComparison {
    /// Period, totals and changes.
    #[oai(flatten)]
    pub comparison: Comparison,
    /// Every day of the comparison period, in order, days without facts included.
    pub by_day: Vec<DashboardDay>,
    /// Time buckets of the comparison period, of the length `granularity`; `null` without it.
    #[oai(nullable)]
    pub series: Option<Vec<TimeBucket>>,
}

/// Metrics of one calendar day, with its distance to the event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DashboardDay {
    /// Metrics of the day.
    #[oai(flatten)]
    pub metrics: DailyMetrics,
    /// Days until the event starts: 0 on its first day, negative after it, `null` if its start is unknown. Use
    /// it to align two editions of an event.
    #[oai(nullable)]
    pub days_to_event: Option<i64>,
}

impl DashboardDay {
    /// Builds the days of an event that starts on `event_day`.
    pub fn all(days: Vec<DailyMetrics>, event_day: Option<NaiveDate>) -> Vec<Self> {
        let days = days.into_iter().map(|metrics| Self {
            days_to_event: event_day.map(|event_day| (event_day - metrics.date.0).num_days()),
            metrics,
        });
        days.collect()
    }
}

impl Example for Dashboard {
    fn example() -> Self {
        let rows = examples::rows();
        let hours = rows.hours();
        let rows = rows.all();
        let (period, rules) = (examples::period(), examples::rules());
        let summary = EventSummary::of_rows(examples::EVENT, &rows);
        let totals = Totals::from(&summary.aggregates.total);
        let earlier = CompareWith::Previous.comparison_period(period);
        let before = Totals::from(&Aggregate::default());
        let facts = examples::raw_facts();
        let mut check_ins = CheckInCounter::default();
        for fact in facts.iter().filter(|fact| fact.kind == EventKind::CheckIn) {
            check_ins.add(fact);
        }
        let mut by_hour = by_hour_of_week(&hours);
        // All 168 hours would add a thousand lines to the document.
        by_hour.retain(HourOfWeek::is_active);
        Self {
            event_id: examples::EVENT,
            title: Some(examples::TITLE.to_owned()),
            metadata: examples::metadata(),
            first_fact_at: facts.first().map(|fact| fact.at),
            last_fact_at: facts.last().map(|fact| fact.at),
            by_day: DashboardDay::all(summary.by_day(period), Some(period.to)),
            by_hour,
            check_in_curve: Some(CheckInCurve::of(&check_ins, period.to, &rules)),
            breakdowns: EventBreakdowns::of(
                &summary,
                summary.conversion(),
                &rows,
                &TicketTypeNames::of(&rows),
                BreakdownPageSize::DEFAULT_PAGE,
            ),
            series: Some(calendar_buckets(
                &rows,
                period,
                CalendarUnit::Week,
                &rules,
                period.to,
            )),
            split_series: Some(SplitSeries::of(
                &rows,
                SplitBy::Source,
                &TicketTypeNames::of(&rows),
                |rows| calendar_buckets(rows, period, CalendarUnit::Week, &rules, period.to),
            )),
            comparison: earlier.map(|earlier| DashboardComparison {
                comparison: Comparison::new(earlier, before, &totals),
                by_day: DashboardDay::all(
                    EventSummary::of_rows(examples::EVENT, &[]).by_day(earlier),
                    Some(period.to),
                ),
                series: None,
            }),
            totals,
        }
    }
}
