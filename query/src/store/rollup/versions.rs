//! Versions of the days of events, and of events: every change of a day gives it a new version.

use analytics_shared::{period::Period, telemetry::traces::traced_statement};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::store::{
    database::Store, error::StoreError, fingerprint::Fingerprint, snapshot::Snapshot,
    tenant_query::TenantQuery,
};

/// The largest distance between the dates of one moment in two zones.
const MAX_ZONE_DISTANCE: Days = Days::new(2);

/// The version of one day of an event. Transaction ids repeat after a failover or a point-in-time recovery,
/// but not with the same time of the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromQueryResult)]
pub struct DayVersion {
    /// Day, in the time zone of the event's rollup.
    pub day: NaiveDate,
    /// Id of the transaction that changed the day last.
    pub version: i64,
    /// Time of the last change.
    pub changed_at: DateTime<Utc>,
}

/// The versions of some days.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    /// Fingerprint of the versions: equal fingerprints mean equal metrics.
    pub fingerprint: Fingerprint,
    /// Time of the last change; `None` without facts.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Versions {
    pub(super) fn of(days: impl Iterator<Item = DayVersion>) -> Self {
        let days: Vec<_> = days.collect();
        Self {
            changed_at: days.iter().map(|day| day.changed_at).max(),
            fingerprint: Fingerprint::of(&days),
        }
    }
}

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
    /// Returns whether the rollup of all events has days in `zone`.
    pub fn have_rollup_in(&self, zone: Tz) -> bool {
        let zone = Some(zone.name());
        self.0
            .iter()
            .all(|event| event.rollup_zone.as_deref() == zone)
    }

    pub fn versions(&self) -> Versions {
        Versions {
            changed_at: self.0.iter().map(|event| event.changed_at).max(),
            fingerprint: Fingerprint::of(&self.0),
        }
    }
}

impl Store {
    /// Returns the versions of the days of an event that lie in the period in any time zone.
    pub async fn event_versions(
        &self,
        query: &TenantQuery,
        event_id: Uuid,
    ) -> Result<Versions, StoreError> {
        let (tenant_id, zone) = (query.tenant_id, query.zone().name());
        let (from, to) = days_in_any_zone(query.period);
        let statement = raw_sql!(
            Postgres,
            "SELECT day, version, changed_at
             FROM event_versions({tenant_id}, {event_id}, {from}, {to}, {zone})"
        );
        let days = DayVersion::find_by_statement(statement).all(&self.database);
        let days = traced_statement("SELECT event_versions", None, days);
        Ok(Versions::of(days.await?.into_iter()))
    }

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
    let (tenant_id, default_zone, zone) =
        (query.tenant_id, default_zone.name(), query.zone().name());
    let statement = raw_sql!(
        Postgres,
        "SELECT * FROM tenant_versions({tenant_id}, {from}, {to}, {default_zone}, {zone})"
    );
    let events = EventVersion::find_by_statement(statement).all(connection);
    let events = traced_statement("SELECT tenant_versions", None, events);
    Ok(TenantVersions(events.await?))
}

/// Returns the first and the last day that may overlap with `period` in any time zone.
pub(super) fn days_in_any_zone(period: Period) -> (NaiveDate, NaiveDate) {
    let from = period.from.checked_sub_days(MAX_ZONE_DISTANCE);
    let to = period.to.checked_add_days(MAX_ZONE_DISTANCE);
    (from.unwrap_or(period.from), to.unwrap_or(period.to))
}
