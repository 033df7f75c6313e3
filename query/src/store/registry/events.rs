//! The registry of published events.

use analytics_shared::{
    entity::tracked_event,
    period::{self, InvalidTimeZone},
};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    analytics::RegisteredEvent,
    store::{database::Store, error::StoreError},
};

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
pub fn parse_zone(name: Option<&str>) -> Result<Option<Tz>, InvalidTimeZone> {
    name.map(period::parse_time_zone).transpose()
}
