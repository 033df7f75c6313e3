//! The days of events from the rollup: only those are read whose version is not known.

use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
    sync::Arc,
    time::Instant,
};

use analytics_shared::period::{self, Period};
use chrono::NaiveDate;
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sea_orm::{
    DbBackend, Statement, StreamTrait,
    sqlx::{Row as _, postgres::PgRow},
};
use uuid::Uuid;

use super::{
    StoreError,
    decode::{RowDecoder, driver_row, event_types},
    event_cache::EventCache,
    versions::{DayVersion, Versions, within},
};
use crate::{
    figures::{DayRows, Kind, Row, Rows},
    metrics,
};

/// The events whose days are wanted.
#[derive(Clone, Copy, Debug)]
pub struct DaysQuery<'a> {
    /// The tenant whose facts are counted.
    pub tenant_id: Uuid,
    /// The events.
    pub event_ids: &'a [Uuid],
    /// The days; also those that lie in this period in any other zone are returned.
    pub period: Period,
    /// The zone in which the rollup counts the days of events whose entry is not wanted, or that
    /// have none.
    pub zone: Tz,
    /// Whether the entries of the registry are wanted.
    pub with_registry: bool,
    /// Whether rows are wanted, or versions alone.
    pub with_rows: bool,
}

/// Days of one event, as they are in one snapshot.
#[derive(Clone, Debug, Default)]
pub struct EventDays {
    days: BTreeMap<NaiveDate, Day>,
    /// The event's entry in the registry, if it was wanted and has one.
    pub registry: Option<RegistryEntry>,
}

/// What days of an event depend on in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryEntry {
    /// The tenant that has published it.
    pub owner: Uuid,
    /// Its title.
    pub title: String,
    /// The zone that it names.
    pub zone: Option<Tz>,
    /// The zone in which the rollup counts its days; `None` while they are rebuilt.
    pub rollup_zone: Option<Tz>,
}

#[derive(Clone, Debug)]
struct Day {
    version: DayVersion,
    /// Missing where versions alone were wanted.
    rows: Option<Arc<DayRows>>,
}

impl EventDays {
    /// The versions of the days.
    #[must_use]
    pub fn versions(&self) -> Versions {
        Versions(self.days.values().map(|day| day.version).collect())
    }

    /// The rows of the days of `period` that have any: a day that a rebuild has emptied has none.
    #[must_use]
    pub fn rows(&self, period: Period) -> Rows {
        let days = self.days.range(period.from..=period.to);
        let rows = days.filter_map(|(_, day)| day.rows.clone());
        rows.filter(|day| !day.rows.is_empty()).collect()
    }

    /// Memory that they take, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let rows = self.days.values().filter_map(|day| day.rows.as_ref());
        let rows: usize = rows.map(|rows| rows.bytes()).sum();
        size_of::<Self>() + self.days.len() * size_of::<Day>() + rows
    }
}

/// Reads events through `connection`, and what does not change between two reads from `cache`. An
/// event that is not in the cache is read as far as `known` does not have it.
pub(super) async fn read<C: StreamTrait>(
    connection: &C,
    cache: &EventCache,
    query: DaysQuery<'_>,
    known: Option<&Arc<EventDays>>,
) -> Result<HashMap<Uuid, Arc<EventDays>>, StoreError> {
    let mut before = HashMap::with_capacity(query.event_ids.len());
    for &event_id in query.event_ids {
        let cached = cache.days(query.tenant_id, event_id);
        before.insert(event_id, cached.or(known.cloned()).unwrap_or_default());
    }
    let mut found = stream(connection, query, &before).await?;
    let mut events = HashMap::with_capacity(query.event_ids.len());
    for (event_id, before) in before {
        let found = found.remove(&event_id).unwrap_or_default();
        let days = Arc::new(found.complete(&before, query.with_rows));
        if query.with_rows {
            let all = Arc::new(before.replaced_by(&days));
            cache.put_days(query.tenant_id, event_id, all);
        }
        events.insert(event_id, days);
    }
    Ok(events)
}

/// What a statement has found of one event.
#[derive(Default)]
struct Found {
    registry: Option<RegistryEntry>,
    versions: BTreeMap<NaiveDate, DayVersion>,
    rows: HashMap<NaiveDate, Vec<Row>>,
}

async fn stream<C: StreamTrait>(
    connection: &C,
    query: DaysQuery<'_>,
    known: &HashMap<Uuid, Arc<EventDays>>,
) -> Result<HashMap<Uuid, Found>, StoreError> {
    let started = Instant::now();
    let rows = connection.stream_raw(statement(query, known)).await?;
    let mut rows = std::pin::pin!(rows);
    let (mut events, mut decoder) = (HashMap::<Uuid, Found>::new(), RowDecoder::default());
    while let Some(row) = rows.try_next().await? {
        let row = driver_row(&row)?;
        let found = events.entry(row.try_get("event_id")?).or_default();
        found.take(row, &mut decoder)?;
    }
    metrics::read("rollup", started.elapsed());
    Ok(events)
}

fn statement(query: DaysQuery<'_>, known: &HashMap<Uuid, Arc<EventDays>>) -> Statement {
    let (from, to) = within(query.period);
    let (mut events, mut days) = (Vec::new(), Vec::new());
    let (mut versions, mut changed_at) = (Vec::new(), Vec::new());
    for (&event_id, known) in known {
        for (&date, day) in known.days.range(from..=to) {
            events.push(event_id);
            days.push(date);
            versions.push(day.version.version);
            changed_at.push(day.version.changed_at);
        }
    }
    let values = [
        query.tenant_id.into(),
        query.event_ids.to_vec().into(),
        from.into(),
        to.into(),
        query.with_registry.into(),
        events.into(),
        days.into(),
        versions.into(),
        changed_at.into(),
        query.with_rows.into(),
        event_types(&Kind::ALL),
        event_types(&Kind::VISITED),
        query.zone.name().into(),
    ];
    Statement::from_sql_and_values(DbBackend::Postgres, include_str!("event_days.sql"), values)
}

impl Found {
    fn take(&mut self, row: &PgRow, decoder: &mut RowDecoder) -> Result<(), StoreError> {
        if self.registry.is_none() {
            self.registry = registry(row)?;
        }
        let Some(day) = row.try_get::<Option<NaiveDate>, _>("day")? else {
            return Ok(());
        };
        if let Entry::Vacant(version) = self.versions.entry(day) {
            let (number, changed_at) = (row.try_get("version")?, row.try_get("changed_at")?);
            version.insert(DayVersion {
                day,
                version: number,
                changed_at,
            });
        }
        if let Some(row) = decoder.decode(row)? {
            self.rows.entry(day).or_default().push(row);
        }
        Ok(())
    }

    /// The event with the rows that were found, and those of `before` where the version is the same.
    fn complete(mut self, before: &EventDays, with_rows: bool) -> EventDays {
        let days = self.versions.into_iter().map(|(date, version)| {
            let known = before.days.get(&date).filter(|day| day.version == version);
            let known = known.and_then(|day| day.rows.clone());
            let rows = with_rows.then(|| {
                known.unwrap_or_else(|| {
                    let rows = self.rows.remove(&date).unwrap_or_default();
                    Arc::new(DayRows::new(date, rows))
                })
            });
            (date, Day { version, rows })
        });
        EventDays {
            days: days.collect(),
            registry: self.registry,
        }
    }
}

impl EventDays {
    /// These days, with those of `newer` in their place.
    fn replaced_by(&self, newer: &Self) -> Self {
        let mut days = self.days.clone();
        days.extend(newer.days.clone());
        let registry = None;
        Self { days, registry }
    }
}

fn registry(row: &PgRow) -> Result<Option<RegistryEntry>, StoreError> {
    let Some(owner) = row.try_get("owner")? else {
        return Ok(None);
    };
    let zone = |column| {
        let name: Option<&str> = row.try_get(column)?;
        Ok::<_, StoreError>(name.map(period::zone).transpose()?)
    };
    Ok(Some(RegistryEntry {
        owner,
        title: row.try_get("title")?,
        zone: zone("timezone")?,
        rollup_zone: zone("rollup_timezone")?,
    }))
}
