//! Scans of the raw facts of one event.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sqlx::{Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::{
    analytics::{EventKind, RawFact, ResolvedFilter},
    metrics::ReadSource,
    store::{
        decode::{event_kind, event_types},
        error::StoreError,
        row_stream::ReadStatement,
        snapshot::Snapshot,
        tenant_query::TenantQuery,
    },
};

impl Snapshot {
    /// Calls `process` with each fact of these kinds, without keeping them.
    pub async fn for_each_fact(
        &self,
        query: &TenantQuery,
        event_id: Uuid,
        kinds: &[EventKind],
        mut process: impl FnMut(&RawFact) + Send,
    ) -> Result<(), StoreError> {
        let statement = ReadStatement {
            sql: include_str!("fact_scan.sql"),
            values: vec![
                query.tenant_id.into(),
                event_id.into(),
                query.period.from.into(),
                query.period.to.into(),
                query.zone().name().into(),
                event_types(kinds).into(),
            ],
            zone: query.zone(),
            source: ReadSource::Facts,
        };
        let process = |row: &PgRow| {
            process(&raw_fact(row)?);
            Ok(0)
        };
        let memory = &mut *self.memory().await;
        let facts = statement.for_each(self.connection(), memory, process);
        facts.await
    }

    /// Returns the times of the first and the last fact that metrics count and `filter` matches; `days` are
    /// the days of these facts.
    pub async fn fact_range(
        &self,
        query: &TenantQuery,
        event_id: Uuid,
        days: (NaiveDate, NaiveDate),
        filter: &ResolvedFilter,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError> {
        let statement = ReadStatement {
            sql: include_str!("fact_range.sql"),
            values: vec![
                query.tenant_id.into(),
                event_id.into(),
                days.0.into(),
                days.1.into(),
                query.zone().name().into(),
                event_types(&EventKind::ALL).into(),
                filter.source.clone().into(),
                filter.ticket_types.clone().into(),
            ],
            zone: query.zone(),
            source: ReadSource::Facts,
        };
        let mut range = None;
        let process = |row: &PgRow| {
            range = Option::zip(row.try_get("first_at")?, row.try_get("last_at")?);
            Ok(0)
        };
        let memory = &mut *self.memory().await;
        let row = statement.for_each(self.connection(), memory, process);
        row.await?;
        Ok(range)
    }
}

/// Decodes by index: a lookup by name takes longer than decoding.
fn raw_fact(row: &PgRow) -> Result<RawFact, StoreError> {
    Ok(RawFact {
        at: row.try_get(0)?,
        kind: event_kind(row.try_get(1)?)?,
        source: row.try_get(2)?,
        ticket_type: row.try_get(3)?,
        visitor: row.try_get(4)?,
        registration: row.try_get(5)?,
    })
}
