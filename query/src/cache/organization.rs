//! Summaries of organizations: unchanged events come from the cache, and of changed events only the new
//! days are read.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::task::{JoinSet, block_in_place};
use uuid::Uuid;

use super::events::EventCache;
use crate::{
    analytics::{EventSummary, OrganizationSummary, RollupRows},
    store::{DaysQuery, EventVersion, Snapshot, StoreError, TenantQuery},
};

/// Events whose days are read in one statement: few, so that some are summarized while others are read, and enough that the
/// cost of a statement does not count.
const EVENTS_PER_READ: usize = 10;

/// The events of a tenant over a period.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Summaries of the events with facts in the period, ordered by id.
    pub events: Vec<Arc<EventSummary>>,
    /// The merged events.
    pub summary: Arc<OrganizationSummary>,
    /// Time of the last change; `None` without facts.
    pub changed_at: Option<DateTime<Utc>>,
}

impl EventCache {
    /// Summarizes the events of a tenant.
    pub async fn summarize_organization(
        &self,
        snapshot: &Snapshot,
        query: &TenantQuery,
    ) -> Result<Organization, StoreError> {
        let versions = snapshot.tenant_versions(query).await?;
        let (mut events, mut changed) = (Vec::with_capacity(versions.0.len()), Vec::new());
        for event in &versions.0 {
            match self.event(query, event.event_id) {
                Some((summary, version)) if version == Some(event.versions) => events.push(summary),
                _ => changed.push(event),
            }
        }
        events.extend(self.summarize_changed(snapshot, query, &changed).await?);
        // Days that lie in the period in another time zone only may have changed.
        events.retain(|event| event.dates().next().is_some());
        events.sort_unstable_by_key(|event| event.event_id);
        Ok(Organization {
            summary: block_in_place(|| self.merge(query, &events)),
            events,
            changed_at: versions.versions().changed_at,
        })
    }

    async fn summarize_changed(
        &self,
        snapshot: &Snapshot,
        query: &TenantQuery,
        changed: &[&EventVersion],
    ) -> Result<Vec<Arc<EventSummary>>, StoreError> {
        let zone = Some(query.zone().name());
        let (in_rollup, others): (Vec<_>, Vec<_>) = changed
            .iter()
            .copied()
            .partition(|event| event.rollup_zone.as_deref() == zone);
        let mut summarizing = JoinSet::new();
        for events in in_rollup.chunks(EVENTS_PER_READ) {
            let rows = self.rollup_rows(snapshot, query, &ids(events)).await?;
            // Summarized while the next events are read.
            summarizing.spawn_blocking(self.summarizer(query, events, rows));
        }
        if !others.is_empty() {
            let rows = snapshot.recounted_rows(query, ids(&others)).await?;
            summarizing.spawn_blocking(self.summarizer(query, &others, rows));
        }
        Ok(summarizing.join_all().await.concat())
    }

    /// Returns a function that summarizes events with these rows.
    fn summarizer(
        &self,
        query: &TenantQuery,
        events: &[&EventVersion],
        mut rows: HashMap<Uuid, RollupRows>,
    ) -> impl FnOnce() -> Vec<Arc<EventSummary>> + use<> {
        let (cache, query) = (self.clone(), query.clone());
        let events: Vec<_> = events
            .iter()
            .map(|event| (event.event_id, event.versions))
            .collect();
        move || {
            let summaries = events.into_iter().map(|(event_id, version)| {
                let rows = rows.remove(&event_id).unwrap_or_default();
                cache.summarize(&query, event_id, &rows, Some(version))
            });
            summaries.collect()
        }
    }

    /// Returns the rows of events whose rollup has days in the zone of `query`.
    async fn rollup_rows(
        &self,
        snapshot: &Snapshot,
        query: &TenantQuery,
        event_ids: &[Uuid],
    ) -> Result<HashMap<Uuid, RollupRows>, StoreError> {
        let days = DaysQuery {
            tenant_id: query.tenant_id,
            event_ids,
            period: query.period,
            zone: query.zone(),
            with_registry: false,
            with_rows: true,
            with_hours: false,
        };
        let memory = &mut *snapshot.memory().await;
        let events = self.event_days(snapshot, days, None, memory).await?;
        let rows = events.into_iter();
        Ok(rows
            .map(|(event_id, days)| (event_id, days.rows(query.period)))
            .collect())
    }
}

fn ids(events: &[&EventVersion]) -> Vec<Uuid> {
    events.iter().map(|event| event.event_id).collect()
}
