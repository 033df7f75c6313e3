//! Rows to fold: from the rollup where it counts days in the zone that was asked for, else from the
//! facts themselves. Counts and visitors come by one statement, so that one snapshot answers all.

use std::time::Instant;

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{Store, StoreError};
use crate::{
    figures::{Kind, Row},
    metrics,
};

/// Rows of one event that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct EventRead<'a> {
    /// What they are for.
    pub figure: &'static str,
    /// The tenant that the event belongs to.
    pub tenant_id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone that days are wanted in.
    pub zone: Tz,
    /// The zone that the event's rollup counts days in.
    pub own_zone: Tz,
    /// The kinds whose visitors are wanted.
    pub visited: &'a [Kind],
}

/// Rows of all events of a tenant that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct TenantRead<'a> {
    /// What they are for.
    pub figure: &'static str,
    /// The tenant.
    pub tenant_id: Uuid,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone that days are wanted in.
    pub zone: Tz,
    /// The zone of events that name none.
    pub default_zone: Tz,
    /// The kinds whose visitors are wanted.
    pub visited: &'a [Kind],
}

impl Store {
    /// The rows of one event.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn event_rows(&self, read: &EventRead<'_>) -> Result<Vec<Row>, StoreError> {
        let mut values: Vec<Value> = vec![
            read.tenant_id.into(),
            read.event_id.into(),
            read.period.from.into(),
            read.period.to.into(),
            event_types(&Kind::ALL),
            event_types(read.visited),
        ];
        let (way, sql) = if read.zone == read.own_zone {
            ("rollup", include_str!("event_rollup.sql"))
        } else {
            values.push(read.zone.name().into());
            ("facts", include_str!("event_facts.sql"))
        };
        self.rows(read.figure, way, sql, values, read.zone).await
    }

    /// The rows of all events of a tenant.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn tenant_rows(&self, read: &TenantRead<'_>) -> Result<Vec<Row>, StoreError> {
        let values = vec![
            read.tenant_id.into(),
            read.period.from.into(),
            read.period.to.into(),
            event_types(&Kind::ALL),
            event_types(read.visited),
            read.zone.name().into(),
            read.default_zone.name().into(),
        ];
        let sql = include_str!("tenant.sql");
        self.rows(read.figure, "mixed", sql, values, read.zone)
            .await
    }

    async fn rows(
        &self,
        figure: &'static str,
        way: &'static str,
        sql: &'static str,
        values: Vec<Value>,
        zone: Tz,
    ) -> Result<Vec<Row>, StoreError> {
        let started = Instant::now();
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let found = self
            .database
            .query_all_raw(statement)
            .await
            .map_err(|error| StoreError::with_zone(error, zone))?;
        let rows = found.iter().map(row).collect();
        metrics::read(figure, way, started.elapsed());
        rows
    }
}

fn event_types(kinds: &[Kind]) -> Value {
    let names: Vec<_> = kinds
        .iter()
        .map(|kind| kind.event_type().to_owned())
        .collect();
    names.into()
}

fn row(found: &QueryResult) -> Result<Row, StoreError> {
    let kind = Kind::of(&found.try_get::<String>("", "event_type")?).ok_or(
        StoreError::UnexpectedRow("an event type that was not asked for"),
    )?;
    let count = u64::try_from(found.try_get::<i64>("", "count")?)
        .map_err(|_| StoreError::UnexpectedRow("a negative count"))?;
    Ok(Row {
        event_id: found.try_get("", "event_id")?,
        day: found.try_get("", "day")?,
        kind,
        source: found.try_get("", "source")?,
        ticket_type: found.try_get("", "ticket_type")?,
        ticket_type_name: found.try_get("", "ticket_type_name")?,
        currency: found.try_get("", "currency")?,
        count,
        amount_cents: found.try_get("", "amount_cents")?,
        visitors: visitors(found)?,
    })
}

fn visitors(found: &QueryResult) -> Result<VisitorSet, StoreError> {
    if let Some(ordinals) = found.try_get::<Option<Vec<i64>>>("", "ordinals")? {
        return Ok(ordinals.into_iter().collect());
    }
    let bitmap = found.try_get::<Option<Vec<u8>>>("", "bitmap")?;
    Ok(bitmap.map_or_else(
        || Ok(VisitorSet::default()),
        |bytes| VisitorSet::from_bytes(&bytes),
    )?)
}
