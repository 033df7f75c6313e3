//! Rows to fold: from the rollup where it counts days in the zone that was asked for, else from the
//! facts themselves. Counts and visitors come by one statement, so that one snapshot answers all.

use std::{collections::HashMap, sync::Arc, time::Instant};

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::NaiveDate;
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{Store, StoreError, days::Key, versions::Versions};
use crate::{
    figures::{Kind, Row, Rows},
    metrics,
};

/// Rows of one event that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct EventRead {
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
}

impl Store {
    /// The rows of one event. `versions` are those of its days: what has not changed since it was
    /// read before is not read again.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn event_rows(
        &self,
        read: &EventRead,
        versions: &Versions,
    ) -> Result<Rows, StoreError> {
        if read.zone != read.own_zone {
            let values = vec![
                read.tenant_id.into(),
                read.event_id.into(),
                read.period.from.into(),
                read.period.to.into(),
                event_types(&Kind::ALL),
                event_types(&Kind::VISITED),
                read.zone.name().into(),
            ];
            let sql = include_str!("event_facts.sql");
            let rows = self.rows("facts", sql, values, read.zone).await?;
            return Ok(rows.into());
        }
        let is_wanted = |day: NaiveDate| (read.period.from..=read.period.to).contains(&day);
        let mut keys: Vec<Key> = Vec::with_capacity(versions.0.len());
        for version in versions.0.iter().filter(|version| is_wanted(version.day)) {
            keys.push(Key {
                tenant_id: read.tenant_id,
                event_id: read.event_id,
                day: version.day,
                version: version.version,
            });
        }
        let (mut known, mut changed) = (Vec::with_capacity(keys.len()), Vec::new());
        for key in keys {
            match self.days.get(key) {
                Some(rows) => known.push(rows),
                None => changed.push(key),
            }
        }
        known.extend(self.changed_rows(read, &changed).await?);
        Ok(known.into_iter().collect())
    }

    /// The rows of days that nobody has read yet.
    async fn changed_rows(
        &self,
        read: &EventRead,
        changed: &[Key],
    ) -> Result<Vec<Arc<[Row]>>, StoreError> {
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let days: Vec<NaiveDate> = changed.iter().map(|key| key.day).collect();
        let values = vec![
            read.tenant_id.into(),
            read.event_id.into(),
            days.into(),
            event_types(&Kind::ALL),
            event_types(&Kind::VISITED),
        ];
        let sql = include_str!("event_rollup.sql");
        let rows = self.rows("rollup", sql, values, read.zone).await?;
        let mut by_day: HashMap<NaiveDate, Vec<Row>> = HashMap::new();
        for row in rows {
            by_day.entry(row.day).or_default().push(row);
        }
        let pieces = changed.iter().map(|&key| {
            let rows: Arc<[Row]> = by_day.remove(&key.day).unwrap_or_default().into();
            self.days.put(key, Arc::clone(&rows));
            rows
        });
        Ok(pieces.collect())
    }

    pub(super) async fn rows(
        &self,
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
        metrics::read(way, started.elapsed());
        rows
    }
}

pub(super) fn event_types(kinds: &[Kind]) -> Value {
    names(kinds).into()
}

/// What facts of these kinds are stored as.
pub(super) fn names(kinds: &[Kind]) -> Vec<String> {
    let names = kinds.iter().map(|kind| kind.event_type().to_owned());
    names.collect()
}

/// A row of any of our statements that read rows.
pub(super) fn row(found: &QueryResult) -> Result<Row, StoreError> {
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
