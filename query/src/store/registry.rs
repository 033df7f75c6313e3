//! The registry of published events, and the tenants of facts, for events and organizations that the registry
//! does not know.

use analytics_shared::{
    entity::{analytics_event, tracked_event},
    period::{self, InvalidTimeZone},
};
use chrono_tz::Tz;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, raw_sql,
};
use uuid::Uuid;

use super::{database::Store, error::StoreError};
use crate::analytics::RegisteredEvent;

impl Store {
    /// Returns an event; `None` if it was never published.
    pub async fn registered_event(
        &self,
        event_id: Uuid,
    ) -> Result<Option<RegisteredEvent>, StoreError> {
        let event = tracked_event::Entity::find_by_id(event_id)
            .one(&self.database)
            .await?;
        event.map(registered_event).transpose()
    }

    /// Returns all events of a tenant, ordered by id.
    pub async fn registered_events(
        &self,
        tenant_id: Uuid,
    ) -> Result<Vec<RegisteredEvent>, StoreError> {
        let events = tracked_event::Entity::find()
            .filter(tracked_event::Column::TenantId.eq(tenant_id))
            .order_by_asc(tracked_event::Column::EventId)
            .all(&self.database)
            .await?;
        events.into_iter().map(registered_event).collect()
    }

    /// Returns whether the tenant has facts of the event.
    pub async fn has_facts_of(&self, tenant_id: Uuid, event_id: Uuid) -> Result<bool, StoreError> {
        let found = self.database.query_one_raw(raw_sql!(
            Postgres,
            "SELECT FROM event_rollup
             WHERE tenant_id = {tenant_id} AND event_id = {event_id} LIMIT 1"
        ));
        Ok(found.await?.is_some())
    }

    /// Returns the tenant of the latest fact of the event.
    pub async fn tenant_with_facts_of(&self, event_id: Uuid) -> Result<Option<Uuid>, StoreError> {
        let latest = analytics_event::Entity::find()
            .select_only()
            .column(analytics_event::Column::TenantId)
            .filter(analytics_event::Column::EventId.eq(event_id))
            .order_by_desc(analytics_event::Column::CreatedAt)
            .into_tuple();
        Ok(latest.one(&self.database).await?)
    }

    /// Returns whether the tenant has events or facts.
    pub async fn is_known_tenant(&self, tenant_id: Uuid) -> Result<bool, StoreError> {
        let found = self.database.query_one_raw(raw_sql!(
            Postgres,
            "SELECT WHERE EXISTS (SELECT FROM tracked_events WHERE tenant_id = {tenant_id})
                       OR EXISTS (SELECT FROM event_rollup WHERE tenant_id = {tenant_id})
                       OR EXISTS (SELECT FROM analytics_events WHERE tenant_id = {tenant_id})"
        ));
        Ok(found.await?.is_some())
    }
}

fn registered_event(stored: tracked_event::Model) -> Result<RegisteredEvent, StoreError> {
    Ok(RegisteredEvent {
        event_id: stored.event_id,
        tenant_id: stored.tenant_id,
        title: stored.title,
        starts_at: stored.starts_at,
        zone: parse_zone(stored.timezone.as_deref())?,
        rollup_zone: parse_zone(stored.rollup_timezone.as_deref())?,
    })
}

/// Parses the name of a time zone, if there is one.
pub(super) fn parse_zone(name: Option<&str>) -> Result<Option<Tz>, InvalidTimeZone> {
    name.map(period::parse_time_zone).transpose()
}
