//! Reads of one event for a response, all from one snapshot of the database.

use std::sync::Arc;

use analytics_shared::{period::Period, problem::Problem};
use chrono::{DateTime, Utc};
use tokio::task::block_in_place;

use super::request::EventRequest;
use crate::{
    admission::{ReadPermit, Reader},
    analytics::{EventSummary, ResolvedFilter, RollupRows, RowRef},
    api::params::comparison_period,
    app::App,
    cache::EventCache,
    store::{DaysQuery, EventDays, Fingerprint, Snapshot, TenantQuery},
};

/// An event in a snapshot of the database.
pub struct EventSnapshot {
    pub snapshot: Snapshot,
    pub request: EventRequest,
    cache: EventCache,
    days: Arc<EventDays>,
    /// Whether the rollup has days in the requested time zone; else rows are recounted from raw facts.
    has_rollup: bool,
    _permit: ReadPermit,
}

/// The summaries of an event over the reporting period.
pub struct EventSummaries {
    /// Summary of all rows.
    pub all: Arc<EventSummary>,
    /// Summary of the rows that match the filter; the same without one.
    pub matching: Arc<EventSummary>,
}

impl EventSnapshot {
    /// Begins a snapshot and reads the days of the event in the reporting and the comparison period, in the share
    /// of `reader`. A response that scans any number of raw facts (`is_scan`) needs a permit to scan,
    /// and so does one in a time zone without rollup.
    ///
    /// # Errors
    /// Fails if there is no comparison period, if the reader has used its share, or if the database fails.
    pub async fn begin(
        app: &App,
        reader: Reader,
        request: EventRequest,
        is_scan: bool,
    ) -> Result<Self, Problem> {
        let (event, zone) = (&request.event, request.period.zone());
        let has_rollup = event.rollup_zone == Some(zone);
        let permit = if is_scan || !has_rollup {
            app.reads.scan(reader).await?
        } else {
            app.reads.read(reader).await?
        };
        let default_zone = app.store.default_zone;
        let query = DaysQuery {
            tenant_id: event.tenant_id,
            event_ids: &[event.event_id],
            period: request.covering_range()?,
            zone: default_zone,
            with_registry: true,
            with_rows: has_rollup,
            with_hours: true,
        };
        let snapshot = app.store.snapshot(event.tenant_id).await?;
        let mut memory = snapshot.memory().await;
        let days = app.events.event_days(&snapshot, query, None, &mut memory);
        let mut events = days.await?;
        drop(memory);
        let days = events.remove(&event.event_id).unwrap_or_default();
        // The time zone may have changed since the event was authorized.
        let registered = days.registry.as_ref();
        let rollup_zone = registered.map_or(Some(default_zone), |event| event.rollup_zone);
        Ok(Self {
            snapshot,
            has_rollup: has_rollup && rollup_zone == Some(zone),
            request,
            cache: app.events.clone(),
            days,
            _permit: permit,
        })
    }

    pub async fn rows(&self) -> Result<RollupRows, Problem> {
        self.rows_of(self.request.period.period).await
    }

    /// Returns the comparison period of `period` with its rows; `None` if no comparison is requested.
    ///
    /// # Errors
    /// Fails if there is no comparison period, or if the database fails.
    pub async fn comparison(
        &self,
        period: Period,
    ) -> Result<Option<(Period, RollupRows)>, Problem> {
        let Some(compare) = self.request.compare else {
            return Ok(None);
        };
        let period = comparison_period(compare, period)?;
        Ok(Some((period, self.rows_of(period).await?)))
    }

    /// Returns the query for the facts in `period`.
    pub fn query(&self, period: Period) -> TenantQuery {
        let tenant_id = self.request.event.tenant_id;
        self.request.period.tenant_query(tenant_id, period)
    }

    /// Summarizes the rows of the reporting period, which are `rows`, and those of them that match the filter.
    pub fn summarize(
        &self,
        rows: &RollupRows,
        filter: &ResolvedFilter,
        matching: &[RowRef<'_>],
    ) -> EventSummaries {
        let query = self.query(self.request.period.period);
        let event_id = self.request.event.event_id;
        // Other requests of this thread are served by another one meanwhile.
        block_in_place(|| {
            let all = self.cache.summarize(&query, event_id, rows, None);
            let matching = if filter.is_unfiltered() {
                Arc::clone(&all)
            } else {
                let versions = self.days.versions().fingerprint;
                let key = Fingerprint::of(&(query, event_id, filter, versions));
                let summarize = || EventSummary::of_rows(event_id, matching);
                self.cache.selection(key, summarize)
            };
            EventSummaries { all, matching }
        })
    }

    /// Returns the time of the last change; `now` without facts.
    pub fn as_of(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.days.versions().changed_at.unwrap_or(now)
    }

    /// Ends the snapshot; returns the request.
    pub async fn end(self) -> Result<EventRequest, Problem> {
        self.snapshot.end().await?;
        Ok(self.request)
    }

    /// Returns the rows of a source, or of all, with the campaign of the facts in the place of their source.
    pub async fn campaign_rows(
        &self,
        period: Period,
        source: Option<&str>,
    ) -> Result<RollupRows, Problem> {
        let (query, event_id) = (self.query(period), self.request.event.event_id);
        let rows = self.snapshot.campaign_rows(&query, event_id, source);
        Ok(rows.await?)
    }

    /// Returns the rows of some days, which the response may depend on.
    pub async fn rows_of(&self, period: Period) -> Result<RollupRows, Problem> {
        if self.has_rollup {
            return Ok(self.days.rows(period));
        }
        let (query, event_id) = (self.query(period), self.request.event.event_id);
        let rows = self.snapshot.recounted_rows(&query, vec![event_id]);
        Ok(rows.await?.remove(&event_id).unwrap_or_default())
    }
}
