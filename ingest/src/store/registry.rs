//! The registry of ticketing events.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::{Store, StoreError};

const REGISTER: &str = include_str!("register.sql");

/// The content of `event.published`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPublished {
    /// The ticketing event.
    pub event_id: Uuid,
    /// The organization that owns it.
    pub tenant_id: Uuid,
    /// The organization as the platform names it.
    pub organization_id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// Its name in URLs.
    pub slug: Option<String>,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// IANA zone that its days are counted in.
    pub timezone: Option<String>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// Time of the message; the latest one counts.
    pub occurred_at: DateTime<Utc>,
}

/// The effect of a publication on the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert {
    /// The registry has it.
    Applied,
    /// The registry has something newer.
    Stale,
    /// The event belongs to another tenant.
    Conflict,
}

#[derive(FromQueryResult)]
struct Owner {
    event_id: Uuid,
    tenant_id: Uuid,
}

impl Store {
    /// Returns the tenants of those of `event_ids` that are registered, by event.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tenants_of(
        &self,
        event_ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Uuid>, StoreError> {
        if event_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT event_id, tenant_id FROM tracked_events WHERE event_id = ANY ($1::UUID[])",
            [event_ids.into()],
        );
        let found = self
            .availability
            .within(Owner::find_by_statement(statement).all(&self.database))
            .await?;
        let by_event = found.into_iter().map(|row| (row.event_id, row.tenant_id));
        Ok(by_event.collect())
    }

    /// Registers an event. If its days have been counted in another zone so far, they are rebuilt in
    /// the background.
    ///
    /// # Errors
    /// When nothing was registered; [`StoreError::RefusedValues`] where PostgreSQL does not know the
    /// zone.
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
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, REGISTER, values);
        let upserting = self.database.query_one_raw(statement);
        if let Some(row) = self.availability.within(upserting).await? {
            if row.try_get("", "needs_rebuild")? {
                self.rebuild_requested.notify_one();
            }
            return Ok(Upsert::Applied);
        }
        let owner = self.tenants_of(vec![event.event_id]).await?;
        Ok(if owner.get(&event.event_id) == Some(&event.tenant_id) {
            Upsert::Stale
        } else {
            Upsert::Conflict
        })
    }
}
