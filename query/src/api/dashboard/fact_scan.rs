//! Metrics of a dashboard that need raw facts.

use analytics_shared::problem::Problem;
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    analytics::{
        CheckInCounter, CheckInCurve, EventKind, HourBuckets, RawFact, ResolvedFilter, RollupRows,
        RowRef, ScanPolicy, TimeBucket,
    },
    api::event::EventSnapshot,
    store::TenantQuery,
};

/// The kinds that time buckets count.
const BUCKET_KINDS: [EventKind; 4] = [
    EventKind::View,
    EventKind::Completed,
    EventKind::Cancelled,
    EventKind::CheckIn,
];

/// Scans the raw facts of an event.
pub struct FactScan<'a> {
    pub event: &'a EventSnapshot,
    pub query: TenantQuery,
    pub filter: &'a ResolvedFilter,
    /// Whether to scan.
    pub policy: ScanPolicy,
}

impl FactScan<'_> {
    /// Returns the activity by hour.
    ///
    /// # Errors
    /// Fails if the period is too long, or if the database fails.
    pub async fn hour_buckets(&self, now: DateTime<Utc>) -> Result<Vec<TimeBucket>, Problem> {
        let hours = HourBuckets::of(self.query.period, &self.query.rules);
        let mut hours =
            hours.map_err(|error| Problem::invalid("granularity", error.to_string()))?;
        let add = |fact: &RawFact| hours.add(fact);
        self.for_each_match(&self.query, &BUCKET_KINDS, add).await?;
        Ok(hours.buckets(now))
    }

    /// Returns the times of the first and the last matching fact. `rows` are all rows of the period, `matching`
    /// those that match the filter.
    pub async fn fact_range(
        &self,
        rows: &[RowRef<'_>],
        matching: &[RowRef<'_>],
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, Problem> {
        let days = matching.iter().filter(|row| row.count() > 0);
        let days = days.map(|row| row.day());
        let Some((first, last)) = Option::zip(days.clone().min(), days.max()) else {
            return Ok(None);
        };
        let is_scanned = |row: &RowRef<'_>| row.day() == first || row.day() == last;
        let scanned = rows.iter().copied().filter(is_scanned);
        // Without a filter the first fact of the index matches.
        if !self.filter.is_unfiltered() && !self.policy.allows(scanned) {
            return Ok(None);
        }
        let (snapshot, event_id) = (&self.event.snapshot, self.event.request.event.event_id);
        let query = self.query.with_days(first, last);
        let range = snapshot.fact_range(&query, event_id, self.filter);
        Ok(range.await?)
    }

    /// Returns the check-ins of `day` by the minute. `rows` are all rows of the period.
    pub async fn check_in_curve(
        &self,
        rows: &RollupRows,
        day: Option<NaiveDate>,
    ) -> Result<Option<CheckInCurve>, Problem> {
        let Some(day) = day else { return Ok(None) };
        let rows = rows.day(day);
        let day_rows = rows.into_iter().flat_map(|rows| rows.table.rows());
        if !self.policy.allows(day_rows) {
            return Ok(None);
        }
        let curve = |check_ins: &_| CheckInCurve::of(check_ins, day, &self.query.rules);
        let Some(rows) = rows else {
            return Ok(Some(curve(&CheckInCounter::default())));
        };
        let is_unfiltered = self.filter.is_unfiltered();
        if let Some(known) = rows.check_ins().filter(|_| is_unfiltered) {
            return Ok(Some(curve(known)));
        }
        let mut check_ins = CheckInCounter::default();
        if rows
            .table
            .rows()
            .any(|row| row.kind() == EventKind::CheckIn)
        {
            let (query, kinds) = (self.query.with_days(day, day), &[EventKind::CheckIn]);
            let add = |fact: &RawFact| check_ins.add(fact);
            self.for_each_match(&query, kinds, add).await?;
        }
        let curve = curve(&check_ins);
        if is_unfiltered {
            rows.keep_check_ins(check_ins);
        }
        Ok(Some(curve))
    }

    async fn for_each_match(
        &self,
        query: &TenantQuery,
        kinds: &[EventKind],
        mut process: impl FnMut(&RawFact) + Send,
    ) -> Result<(), Problem> {
        let process = |fact: &RawFact| {
            if self.filter.matches(&fact.source, &fact.ticket_type) {
                process(fact);
            }
        };
        let (snapshot, event_id) = (&self.event.snapshot, self.event.request.event.event_id);
        let scan = snapshot.for_each_fact(query, event_id, kinds, process);
        Ok(scan.await?)
    }
}
