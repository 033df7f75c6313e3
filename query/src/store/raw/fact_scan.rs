//! Scans of the raw facts of one event.

use chrono::{DateTime, Utc};
use sea_orm::sqlx::{Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::{
    analytics::{EventKind, RawFact, ResolvedFilter},
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
        let types = [event_types(kinds).into()];
        let sql = include_str!("fact_scan.sql");
        let statement = ReadStatement::of_facts(sql, query, event_id, types);
        let process = |row: &PgRow| {
            process(&raw_fact(row)?);
            Ok(0)
        };
        let memory = &mut *self.memory().await;
        let facts = statement.for_each(self.connection(), memory, process);
        facts.await
    }

    /// Returns the times of the first and the last fact that metrics count and `filter` matches, which are on the first
    /// and the last day of `query`.
    pub async fn fact_range(
        &self,
        query: &TenantQuery,
        event_id: Uuid,
        filter: &ResolvedFilter,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError> {
        let more = [
            event_types(&EventKind::ALL).into(),
            filter.source.clone().into(),
            filter.ticket_types.clone().into(),
            query.rules.start_of(query.period.from).into(),
            query.rules.end_of(query.period).into(),
        ];
        let sql = include_str!("fact_range.sql");
        let statement = ReadStatement::of_facts(sql, query, event_id, more);
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
