//! What has changed of the events of a tenant: the state of each, from which that of all follows.

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::{
    Snapshot, Store, StoreError,
    versions::{State, within},
};

/// The state of the days of an event.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct EventVersion {
    /// The event.
    pub event_id: Uuid,
    /// The state: another for every change.
    pub versions: i64,
    /// When it changed last.
    pub changed_at: DateTime<Utc>,
    /// The zone in which the rollup counts its days; `None` while they are rebuilt.
    pub rollup_zone: Option<String>,
}

/// The states of all events of a tenant that have facts.
#[derive(Clone, Debug)]
pub struct TenantVersions(pub(super) Vec<EventVersion>);

impl TenantVersions {
    /// What tells the state of all of them from others.
    #[must_use]
    pub fn state(&self) -> State {
        let mut bytes = Vec::with_capacity(self.0.len() * 24);
        for event in &self.0 {
            bytes.extend(event.event_id.as_bytes());
            bytes.extend(event.versions.to_be_bytes());
            bytes.extend(event.rollup_zone.iter().flat_map(|zone| zone.bytes()));
        }
        State::digest(&bytes)
    }

    /// When anything changed last; `None` if there is nothing.
    #[must_use]
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.0.iter().map(|event| event.changed_at).max()
    }
}

impl Store {
    /// The states of the events of a tenant on the days of a period in a zone, as far
    /// as all facts of a day are kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_versions(
        &self,
        tenant_id: Uuid,
        (period, zone): (Period, Tz),
        default_zone: Tz,
    ) -> Result<TenantVersions, StoreError> {
        of_tenant(&self.database, tenant_id, (period, zone), default_zone).await
    }
}

impl Snapshot {
    /// The states that this snapshot has, as [`Store::tenant_versions`].
    pub(super) async fn tenant_versions(
        &self,
        tenant_id: Uuid,
        (period, zone): (Period, Tz),
        default_zone: Tz,
    ) -> Result<TenantVersions, StoreError> {
        of_tenant(self.connection(), tenant_id, (period, zone), default_zone).await
    }
}

async fn of_tenant(
    connection: &impl ConnectionTrait,
    tenant_id: Uuid,
    (period, zone): (Period, Tz),
    default_zone: Tz,
) -> Result<TenantVersions, StoreError> {
    let (from, to) = within(period);
    let values = [
        tenant_id.into(),
        from.into(),
        to.into(),
        default_zone.name().into(),
        zone.name().into(),
    ];
    let sql = include_str!("tenant_versions.sql");
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let found = EventVersion::find_by_statement(statement);
    Ok(TenantVersions(found.all(connection).await?))
}
