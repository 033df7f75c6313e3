//! Builds the dashboard of an event.

use std::sync::Arc;

use analytics_shared::problem::Problem;
use chrono::{DateTime, Utc};

use super::{
    fact_scan::FactScan,
    response::{Dashboard, DashboardComparison, DashboardDay},
};
use crate::{
    admission::Reader,
    analytics::{
        CalendarUnit, Conversion, EventBreakdowns, EventKind, EventSummary, Filter, Granularity,
        PageRange, ResolvedFilter, RowRef, ScanPolicy, SplitBy, SplitSeries, TicketTypeNames,
        TimeBucket, Totals, busiest_day, by_hour_of_week, calendar_buckets, floor_to_quarter_hour,
        hours_by_day, step_visitors,
    },
    api::{
        event::{EventQuery, EventRequest, EventSnapshot, EventSummaries},
        responses::{Comparison, ReportMetadata},
    },
    app::App,
    sharing::SharedResponse,
};

/// The parameters of a dashboard beside those of the event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DashboardQuery {
    pub filter: Filter,
    /// Length of the time buckets.
    pub granularity: Option<Granularity>,
    /// Dimension by which the time buckets are split.
    pub split: Option<SplitBy>,
    /// Whether to scan raw facts.
    pub scan: ScanPolicy,
    /// Page of the breakdowns.
    pub page: PageRange,
}

impl DashboardQuery {
    /// Returns whether the time buckets are hours.
    pub fn is_hourly(&self) -> bool {
        self.granularity == Some(Granularity::Hour)
    }
}

impl EventQuery for DashboardQuery {
    const RESPONSE: SharedResponse = SharedResponse::Dashboard;
    type Response = Dashboard;

    fn time_of_day(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // Whether an hour is incomplete changes at quarters of an hour.
        self.is_hourly().then(|| floor_to_quarter_hour(now))
    }

    async fn build(
        self,
        app: Arc<App>,
        reader: Reader,
        request: EventRequest,
        now: DateTime<Utc>,
    ) -> Result<Dashboard, Problem> {
        let is_scan = self.is_hourly() || self.scan == ScanPolicy::Always;
        let event = EventSnapshot::begin(&app, reader, request, is_scan).await?;
        let reporting = event.request.period.clone();
        let rows = event.rows().await?;
        let all = rows.all();
        let period = reporting.trim(all.iter().map(|row| row.day()));
        let names = TicketTypeNames::of(&all);
        let filter = self.filter.resolve(&all, &names);
        let matching = filter.apply(all.clone());
        let scan = FactScan {
            event: &event,
            query: event.query(period),
            filter: &filter,
            policy: self.scan,
        };
        let summarizing = async {
            let summaries = event.summarize(&rows, &filter, &matching);
            let conversion = conversion(&summaries, &all, &filter);
            (summaries.matching, conversion)
        };
        // The database looks up the facts while the rows are summarized.
        let (range, summarized) = tokio::join!(scan.fact_range(&all, &matching), summarizing);
        let (range, (summary, conversion)) = (range?, summarized);

        let totals = Totals::from(&summary.aggregates.total);
        let days = summary.by_day(period);
        let starts_at = event.request.event.starts_at;
        let event_day = starts_at.map(|starts_at| reporting.rules.day(starts_at));
        let check_in_day = busiest_day(&days, event_day);
        let series = series_of(&scan, self.granularity, &matching, now).await?;
        let split_series = self.split.map(|by| {
            let unit = match self.granularity {
                Some(Granularity::Calendar(unit)) => unit,
                None | Some(Granularity::Hour) => CalendarUnit::Day,
            };
            let (rules, today) = (&reporting.rules, reporting.today);
            SplitSeries::of(&matching, by, &names, |rows| {
                calendar_buckets(rows, period, unit, rules, today)
            })
        });
        let comparison = match event.comparison(period).await? {
            None => None,
            Some((earlier, rows)) => {
                let all = rows.all();
                let filter = self.filter.resolve(&all, &TicketTypeNames::of(&all));
                let matching = filter.apply(all);
                let scan = FactScan {
                    query: event.query(earlier),
                    filter: &filter,
                    ..scan
                };
                let before = EventSummary::of_rows(summary.event_id, &matching);
                let comparison =
                    Comparison::new(earlier, Totals::from(&before.aggregates.total), &totals);
                Some(DashboardComparison {
                    comparison,
                    by_day: DashboardDay::all(before.by_day(earlier), event_day),
                    series: series_of(&scan, self.granularity, &matching, now).await?,
                })
            }
        };
        let check_in_curve = scan.check_in_curve(&rows, check_in_day).await?;
        let hours = if filter.is_unfiltered() {
            rows.hours()
        } else {
            hours_by_day(&matching)
        };
        let metadata = ReportMetadata::new(period, reporting.zone(), event.as_of(now));
        let request = event.end().await?;
        Ok(Dashboard {
            event_id: request.event.event_id,
            title: request.event.title,
            metadata,
            first_fact_at: range.map(|(first, _)| first),
            last_fact_at: range.map(|(_, last)| last),
            by_day: DashboardDay::all(days, event_day),
            by_hour: by_hour_of_week(&hours),
            check_in_curve,
            breakdowns: EventBreakdowns::of(&summary, &conversion, &matching, &names, self.page),
            series,
            split_series,
            comparison,
            totals,
        })
    }
}

/// Returns the time buckets of the period of `scan`, whose matching rows are `matching`.
async fn series_of(
    scan: &FactScan<'_>,
    granularity: Option<Granularity>,
    matching: &[RowRef<'_>],
    now: DateTime<Utc>,
) -> Result<Option<Vec<TimeBucket>>, Problem> {
    Ok(match granularity {
        None => None,
        Some(Granularity::Hour) => Some(scan.hour_buckets(now).await?),
        Some(Granularity::Calendar(unit)) => {
            let (period, rules) = (scan.query.period, &scan.query.rules);
            let today = scan.event.request.period.today;
            Some(calendar_buckets(matching, period, unit, rules, today))
        }
    })
}

/// Returns the conversion of the views that match the filter. A filter by ticket type selects the registrations, and one
/// by source only the views: the registrations of the same people may have another source.
fn conversion(
    summaries: &EventSummaries,
    rows: &[RowRef<'_>],
    filter: &ResolvedFilter,
) -> Arc<Conversion> {
    if filter.is_unfiltered() {
        return Arc::clone(summaries.all.conversion());
    }
    let total = &summaries.all.aggregates.total;
    let registered = step_visitors(total, rows, filter, EventKind::Completed);
    let (views, links) = (&summaries.matching.aggregates, total.links());
    Arc::new(Conversion::of(views, &registered, links))
}
