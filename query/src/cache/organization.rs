//! All events of a tenant, summed up: those that have not changed are known, and of those that have,
//! only the days that are new are read.

use std::{collections::HashMap, sync::Arc};

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    Snapshot, StoreError,
    event_cache::Scope,
    event_days::{self, DaysQuery},
    tenant_versions::EventVersion,
};
use crate::figures::{EventSummary, OrganizationSummary, Rows};

/// Events of a tenant that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationQuery {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone of the days.
    pub zone: Tz,
    /// Fingerprint of its rules.
    pub rules: u64,
    /// The zone of events that name none.
    pub default_zone: Tz,
}

/// The events of a tenant over a period.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Those with facts in the period, in the order of their ids.
    pub events: Vec<Arc<EventSummary>>,
    /// All of them together.
    pub summary: Arc<OrganizationSummary>,
    /// When anything of them changed last; `None` if there is nothing.
    pub changed_at: Option<DateTime<Utc>>,
}

impl OrganizationQuery {
    fn scope(&self) -> Scope {
        Scope {
            tenant_id: self.tenant_id,
            period: self.period,
            zone: self.zone,
            rules: self.rules,
        }
    }
}

impl Snapshot {
    /// The events of a tenant.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn organization(
        &self,
        query: &OrganizationQuery,
    ) -> Result<Organization, StoreError> {
        let versions = self
            .tenant_versions(
                query.tenant_id,
                (query.period, query.zone),
                query.default_zone,
            )
            .await?;
        let scope = query.scope();
        let (mut events, mut changed) = (Vec::with_capacity(versions.0.len()), Vec::new());
        for event in &versions.0 {
            match self.cache.event(scope, event.event_id) {
                Some((summary, state)) if state == Some(event.versions) => events.push(summary),
                _ => changed.push(event),
            }
        }
        events.extend(self.summaries(query, &changed).await?);
        // What changed may be days that lie in the period in other zones alone.
        events.retain(|event| event.dates().next().is_some());
        events.sort_unstable_by_key(|event| event.event_id());
        let before = self.cache.organization(scope).unwrap_or_default();
        let summary = Arc::new(OrganizationSummary::of(&events, &before));
        self.cache.put_organization(scope, &summary);
        Ok(Organization {
            events,
            summary,
            changed_at: versions.changed_at(),
        })
    }

    /// The summaries of events that have changed.
    async fn summaries(
        &self,
        query: &OrganizationQuery,
        changed: &[&EventVersion],
    ) -> Result<Vec<Arc<EventSummary>>, StoreError> {
        let zone = Some(query.zone.name());
        let (in_rollup, others): (Vec<_>, Vec<_>) = changed
            .iter()
            .copied()
            .partition(|event| event.rollup_zone.as_deref() == zone);
        let mut rows = self.rollup_of(query, &ids(&in_rollup)).await?;
        if !others.is_empty() {
            let (tenant_id, period, zone) = (query.tenant_id, query.period, query.zone);
            rows.extend(self.facts_of(tenant_id, ids(&others), period, zone).await?);
        }
        let (cache, scope) = (&self.cache, query.scope());
        let summaries = changed.iter().map(|event| {
            let (event_id, state) = (event.event_id, Some(event.versions));
            let rows = rows.remove(&event_id).unwrap_or_default();
            cache.event_summary(scope, event_id, &rows, state)
        });
        Ok(summaries.collect())
    }
    /// The rows of events whose days the rollup counts in the zone that is wanted.
    async fn rollup_of(
        &self,
        query: &OrganizationQuery,
        event_ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Rows>, StoreError> {
        if event_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let days = DaysQuery {
            tenant_id: query.tenant_id,
            event_ids,
            period: query.period,
            zone: query.zone,
            with_registry: false,
            with_rows: true,
        };
        let found = event_days::read(self.connection(), &self.cache, days, None).await?;
        let rows = found.into_iter();
        Ok(rows
            .map(|(event_id, days)| (event_id, days.rows(query.period)))
            .collect())
    }
}

fn ids(events: &[&EventVersion]) -> Vec<Uuid> {
    events.iter().map(|event| event.event_id).collect()
}
