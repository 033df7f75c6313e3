//! Rows to fold: from the rollup where it counts days in the zone that was asked for, else from the
//! facts themselves.

use std::{collections::HashMap, sync::Arc};

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::NaiveDate;
use chrono_tz::Tz;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::{Snapshot, StoreError, days::Key, hours::hour_count, versions::Versions};
use crate::figures::{Kind, Piece, Row, Rows};

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

impl EventRead {
    /// Whether the rollup does not count the days that are wanted.
    #[must_use]
    pub fn is_of_facts(&self) -> bool {
        self.zone != self.own_zone
    }

    /// The same of one day.
    #[must_use]
    pub fn of_day(self, day: NaiveDate) -> Self {
        let period = Period { from: day, to: day };
        Self { period, ..self }
    }
}

impl Snapshot {
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
        if read.is_of_facts() {
            let values = vec![
                read.tenant_id.into(),
                read.event_id.into(),
                read.period.from.into(),
                read.period.to.into(),
                read.zone.name().into(),
                event_types(&Kind::ALL),
                event_types(&Kind::VISITED),
            ];
            let sql = include_str!("event_facts.sql");
            let found = self.find("facts", sql, values, read.zone).await?;
            let rows = found.iter().map(row).collect::<Result<_, _>>()?;
            return Ok(Rows::from(Piece::of(rows)));
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
                Some(piece) => known.push(piece),
                None => changed.push(key),
            }
        }
        known.extend(self.changed_days(read, &changed).await?);
        Ok(known.into_iter().collect())
    }

    /// The days that nobody has read yet.
    async fn changed_days(
        &self,
        read: &EventRead,
        changed: &[Key],
    ) -> Result<Vec<Arc<Piece>>, StoreError> {
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let days: Vec<NaiveDate> = changed.iter().map(|key| key.day).collect();
        let mut values = vec![
            read.tenant_id.into(),
            read.event_id.into(),
            days.into(),
            event_types(&Kind::ALL),
        ];
        let mut by_day: HashMap<NaiveDate, Piece> = HashMap::new();
        let sql = include_str!("event_rollup_hours.sql");
        for found in self.find("rollup", sql, values.clone(), read.zone).await? {
            let hour = hour_count(&found)?;
            by_day.entry(hour.day).or_default().hours.push(hour);
        }
        values.push(event_types(&Kind::VISITED));
        let sql = include_str!("event_rollup.sql");
        for found in self.find("rollup", sql, values, read.zone).await? {
            let row = row(&found)?;
            by_day.entry(row.day).or_default().rows.push(row);
        }
        let pieces = changed.iter().map(|&key| {
            let piece = Arc::new(by_day.remove(&key.day).unwrap_or_default());
            self.days.put(key, Arc::clone(&piece));
            piece
        });
        Ok(pieces.collect())
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
    Ok(Row {
        event_id: found.try_get("", "event_id")?,
        day: found.try_get("", "day")?,
        kind: kind(found)?,
        source: found.try_get("", "source")?,
        ticket_type: found.try_get("", "ticket_type")?,
        ticket_type_name: found.try_get("", "ticket_type_name")?,
        currency: found.try_get("", "currency")?,
        count: count(found)?,
        amount_cents: found.try_get("", "amount_cents")?,
        visitors: visitors(found)?,
    })
}

pub(super) fn count(found: &QueryResult) -> Result<u64, StoreError> {
    let count = u64::try_from(found.try_get::<i64>("", "count")?);
    count.map_err(|_| StoreError::UnexpectedRow("a negative count"))
}

pub(super) fn kind(found: &QueryResult) -> Result<Kind, StoreError> {
    known_kind(&found.try_get::<String>("", "event_type")?)
}

pub(super) fn known_kind(event_type: &str) -> Result<Kind, StoreError> {
    Kind::of(event_type).ok_or(StoreError::UnexpectedRow(
        "an event type that was not asked for",
    ))
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
