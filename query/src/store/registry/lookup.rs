//! The registry of published events, and the tenants of events and facts.

use analytics_shared::{
    entity::tracked_event,
    parse::time_zone::{self, InvalidTimeZone},
    telemetry::traces::traced_statement,
};
use chrono_tz::Tz;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, QueryResult, Statement, TryGetable, Value,
    raw_sql,
};
use uuid::Uuid;

use crate::{
    analytics::RegisteredEvent,
    store::{database::Store, error::StoreError},
};

/// Selects the columns by name: a prepared statement fails when a new version of the schema adds one to `*`.
macro_rules! select_events {
    ($from:literal) => {
        concat!(
            "SELECT event_id, tenant_id, organization_id, title, slug, starts_at, timezone, rollup_timezone, \
                    published_at, source_updated_at FROM ",
            $from
        )
    };
}

impl Store {
    /// Returns an event of a tenant; `None` if the tenant has not published it.
    pub async fn registered_event(
        &self,
        tenant_id: Uuid,
        event_id: Uuid,
    ) -> Result<Option<RegisteredEvent>, StoreError> {
        let select = select_events!("event_of_tenant($1, $2)");
        let events = self.events(select, [tenant_id.into(), event_id.into()]);
        Ok(events.await?.pop())
    }

    /// Returns all events of a tenant, ordered by id.
    pub async fn registered_events(
        &self,
        tenant_id: Uuid,
    ) -> Result<Vec<RegisteredEvent>, StoreError> {
        let select = select_events!("events_of_tenant($1)");
        self.events(select, [tenant_id.into()]).await
    }

    /// Returns an event of any tenant; `None` if it was never published.
    pub async fn registered_event_of_any_tenant(
        &self,
        event_id: Uuid,
    ) -> Result<Option<RegisteredEvent>, StoreError> {
        let select = select_events!("event_of_tenant(event_owner($1), $1)");
        let events = self.events(select, [event_id.into()]);
        Ok(events.await?.pop())
    }

    async fn events<const N: usize>(
        &self,
        select: &str,
        values: [Value; N],
    ) -> Result<Vec<RegisteredEvent>, StoreError> {
        let select = Statement::from_sql_and_values(DbBackend::Postgres, select, values);
        let events = tracked_event::Model::find_by_statement(select);
        let events = traced_statement("SELECT tracked_events", None, events.all(&self.database));
        events.await?.into_iter().map(registered_event).collect()
    }

    /// Returns the tenant of the latest fact of the event.
    pub async fn tenant_with_facts_of(&self, event_id: Uuid) -> Result<Option<Uuid>, StoreError> {
        let tenant = raw_sql!(Postgres, "SELECT tenant_with_facts_of({event_id})");
        self.value("SELECT tenant_with_facts_of", tenant).await
    }

    /// Returns whether the tenant has facts of the event.
    pub async fn has_facts_of(&self, tenant_id: Uuid, event_id: Uuid) -> Result<bool, StoreError> {
        let has_facts = raw_sql!(Postgres, "SELECT has_facts_of({tenant_id}, {event_id})");
        self.value("SELECT has_facts_of", has_facts).await
    }

    /// Returns whether the tenant has events or facts.
    pub async fn is_known_tenant(&self, tenant_id: Uuid) -> Result<bool, StoreError> {
        let is_known = raw_sql!(Postgres, "SELECT is_known_tenant({tenant_id})");
        self.value("SELECT is_known_tenant", is_known).await
    }

    /// Returns the value of a statement with one.
    async fn value<T: TryGetable>(
        &self,
        summary: &'static str,
        statement: Statement,
    ) -> Result<T, StoreError> {
        let reading = self.database.query_one_raw(statement);
        let row: Option<QueryResult> = traced_statement(summary, None, reading).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("a value".to_owned()))?;
        Ok(row.try_get_by_index(0)?)
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
    name.map(time_zone::parse).transpose()
}
