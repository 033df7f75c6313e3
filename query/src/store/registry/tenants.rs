//! The tenants of facts, for events and organizations that the registry does not know.

use analytics_shared::entity::analytics_event;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, raw_sql,
};
use uuid::Uuid;

use crate::store::{database::Store, error::StoreError};

impl Store {
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
