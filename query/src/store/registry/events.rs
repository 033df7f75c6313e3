//! What is known of events apart from their facts.

use analytics_shared::{entity::tracked_event, period};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Store, StoreError};

/// An event that was published.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegisteredEvent {
    /// The event.
    pub event_id: Uuid,
    /// The organization that owns it.
    pub tenant_id: Uuid,
    /// Its title.
    pub title: String,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// The zone that it names.
    pub zone: Option<Tz>,
    /// The zone in which the rollup counts its days; `None` while they are rebuilt.
    pub rollup_zone: Option<Tz>,
}

impl TryFrom<tracked_event::Model> for RegisteredEvent {
    type Error = StoreError;

    fn try_from(stored: tracked_event::Model) -> Result<Self, StoreError> {
        let zone = |name: Option<String>| name.as_deref().map(period::zone).transpose();
        Ok(Self {
            event_id: stored.event_id,
            tenant_id: stored.tenant_id,
            title: stored.title,
            starts_at: stored.starts_at,
            zone: zone(stored.timezone)?,
            rollup_zone: zone(stored.rollup_timezone)?,
        })
    }
}

impl Store {
    /// The event, if it was published.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn registered_event(
        &self,
        event_id: Uuid,
    ) -> Result<Option<RegisteredEvent>, StoreError> {
        let found = tracked_event::Entity::find_by_id(event_id)
            .one(&self.database)
            .await?;
        found.map(RegisteredEvent::try_from).transpose()
    }

    /// All published events of a tenant, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn registered_events(
        &self,
        tenant_id: Uuid,
    ) -> Result<Vec<RegisteredEvent>, StoreError> {
        let found = tracked_event::Entity::find()
            .filter(tracked_event::Column::TenantId.eq(tenant_id))
            .order_by_asc(tracked_event::Column::EventId)
            .all(&self.database)
            .await?;
        found.into_iter().map(RegisteredEvent::try_from).collect()
    }
}
