//! Whose facts there are, for events and organizations that the registry does not know.

use sea_orm::{ConnectionTrait, raw_sql};
use uuid::Uuid;

use super::{Store, StoreError};

impl Store {
    /// Whether the tenant has facts of the event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_facts_of(&self, tenant_id: Uuid, event_id: Uuid) -> Result<bool, StoreError> {
        let found = self.database.query_one_raw(raw_sql!(
            Postgres,
            "SELECT FROM event_daily
             WHERE tenant_id = {tenant_id} AND event_id = {event_id} LIMIT 1"
        ));
        Ok(found.await?.is_some())
    }

    /// The tenant that has the latest fact of the event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_with_facts_of(&self, event_id: Uuid) -> Result<Option<Uuid>, StoreError> {
        let found = self.database.query_one_raw(raw_sql!(
            Postgres,
            "SELECT tenant_id FROM analytics_events
             WHERE event_id = {event_id} ORDER BY created_at DESC LIMIT 1"
        ));
        let found = found.await?;
        Ok(found.map(|row| row.try_get("", "tenant_id")).transpose()?)
    }

    /// Whether there is anything of the tenant: events, or facts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn knows_tenant(&self, tenant_id: Uuid) -> Result<bool, StoreError> {
        let found = self.database.query_one_raw(raw_sql!(
            Postgres,
            "SELECT WHERE EXISTS (SELECT FROM tracked_events WHERE tenant_id = {tenant_id})
                       OR EXISTS (SELECT FROM event_daily WHERE tenant_id = {tenant_id})
                       OR EXISTS (SELECT FROM analytics_events WHERE tenant_id = {tenant_id})"
        ));
        Ok(found.await?.is_some())
    }
}
