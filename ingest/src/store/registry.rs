//! The registry of ticketing events.

use std::collections::HashMap;

use analytics_shared::telemetry::traces::traced_statement;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::{
    database::{Store, statement},
    error::StoreError,
};

const REGISTER: &str = include_str!("register.sql");

/// The content of `event.published`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPublished {
    /// The ticketing event.
    pub event_id: Uuid,
    /// Its tenant.
    pub tenant_id: Uuid,
    /// Its organization, if the message names one.
    pub organization_id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// Its URL slug.
    pub slug: Option<String>,
    /// Its start.
    pub starts_at: Option<DateTime<Utc>>,
    /// The IANA time zone of its days.
    pub timezone: Option<String>,
    /// The time of publication.
    pub published_at: DateTime<Utc>,
    /// The time of the message; the registry keeps the latest.
    pub occurred_at: DateTime<Utc>,
}

/// The effect of a message on the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert {
    /// The registry contains the message's values.
    Applied,
    /// The registry contains values of a later message.
    Stale,
    /// The event belongs to another tenant; nothing was changed.
    Conflict,
}

#[derive(FromQueryResult)]
struct EventTenant {
    event_id: Uuid,
    tenant_id: Uuid,
}

impl Store {
    /// Returns the tenants of the registered events among `event_ids`, by event.
    pub async fn tenants_of(
        &self,
        event_ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Uuid>, StoreError> {
        if event_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let tenants = statement(
            "SELECT event_id, tenant_id FROM tracked_events WHERE event_id = ANY ($1::UUID[])",
            [event_ids.into()],
        );
        let tenants = EventTenant::find_by_statement(tenants).all(&self.database);
        let found = self.availability.guard(tenants).await?;
        let by_event = found.into_iter().map(|row| (row.event_id, row.tenant_id));
        Ok(by_event.collect())
    }

    /// Registers an event. If the time zone of its days changes, requests their rebuild. A time zone
    /// that PostgreSQL does not know is [`StoreError::InvalidData`].
    pub async fn register(&self, event: &EventPublished) -> Result<Upsert, StoreError> {
        let values = [
            event.event_id.into(),
            event.tenant_id.into(),
            event.organization_id.into(),
            event.title.as_str().into(),
            event.slug.as_deref().into(),
            event.starts_at.into(),
            event.timezone.as_deref().into(),
            event.published_at.into(),
            event.occurred_at.into(),
            self.default_timezone.name().into(),
        ];
        let upsert = self.database.query_one_raw(statement(REGISTER, values));
        let upsert = traced_statement("INSERT tracked_events", None, upsert);
        if let Some(row) = self.availability.guard(upsert).await? {
            if row.try_get("", "needs_rebuild")? {
                self.rebuild_requested.notify_one();
            }
            return Ok(Upsert::Applied);
        }
        let tenants = self.tenants_of(vec![event.event_id]).await?;
        Ok(if tenants.get(&event.event_id) == Some(&event.tenant_id) {
            Upsert::Stale
        } else {
            Upsert::Conflict
        })
    }
}
