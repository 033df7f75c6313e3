//! Versions of all events of a tenant.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::versions::{Versions, days_in_any_zone};
use crate::store::{
    database::Store, error::StoreError, fingerprint::Fingerprint, snapshot::Snapshot,
    tenant_query::TenantQuery,
};

/// The version of one event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, FromQueryResult)]
pub struct EventVersion {
    pub event_id: Uuid,
    /// Hash of the versions of the event's days.
    pub versions: i64,
    /// Time of the last change.
    pub changed_at: DateTime<Utc>,
    /// Time zone of the days in the rollup; `None` while it is rebuilt.
    pub rollup_zone: Option<String>,
}

/// The versions of all events of a tenant with facts.
#[derive(Clone, Debug)]
pub struct TenantVersions(pub Vec<EventVersion>);

impl TenantVersions {
    pub fn versions(&self) -> Versions {
        Versions {
            changed_at: self.0.iter().map(|event| event.changed_at).max(),
            fingerprint: Fingerprint::of(&self.0),
        }
    }
}

impl Store {
    /// Returns the versions of the events on the days that lie in the period in any time zone.
    pub async fn tenant_versions(&self, query: &TenantQuery) -> Result<TenantVersions, StoreError> {
        read(&self.database, query, self.default_zone).await
    }
}

impl Snapshot {
    /// Returns the versions in this snapshot, as [`Store::tenant_versions`].
    pub async fn tenant_versions(&self, query: &TenantQuery) -> Result<TenantVersions, StoreError> {
        read(self.connection(), query, self.default_zone).await
    }
}

async fn read(
    connection: &impl ConnectionTrait,
    query: &TenantQuery,
    default_zone: Tz,
) -> Result<TenantVersions, StoreError> {
    let (from, to) = days_in_any_zone(query.period);
    let values = [
        query.tenant_id.into(),
        from.into(),
        to.into(),
        default_zone.name().into(),
        query.zone().name().into(),
    ];
    let sql = include_str!("tenant_versions.sql");
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let events = EventVersion::find_by_statement(statement).all(connection);
    Ok(TenantVersions(events.await?))
}
