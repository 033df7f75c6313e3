//! Reads the days of events whose version is new.

use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
    sync::Arc,
};

use analytics_shared::{
    database::event_days::{EVENT_DAYS, EVENT_DAYS_FUNCTION},
    period::Period,
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use sea_orm::{
    StreamTrait,
    sqlx::{Row as _, postgres::PgRow},
};
use uuid::Uuid;

use super::{
    event_days::{EventDays, VersionedDay},
    versions::{DayVersion, days_in_any_zone},
};
use crate::{
    analytics::{DayRows, DayTable, EventKind, RegisteredEvent},
    metrics::ReadSource,
    store::{
        database::Store,
        decode::{event_types, rollup_row},
        error::StoreError,
        read_memory::ReadMemoryUse,
        registry::parse_zone,
        row_stream::ReadStatement,
        snapshot::Snapshot,
    },
};

/// The days of some events.
#[derive(Clone, Copy, Debug)]
pub struct DaysQuery<'a> {
    pub tenant_id: Uuid,
    pub event_ids: &'a [Uuid],
    /// Days; days that lie in this period in any other zone are returned as well.
    pub period: Period,
    /// Time zone of the days in the rollup, for events without a registry entry and where entries are not
    /// requested.
    pub zone: Tz,
    /// Whether to return the registry entries.
    pub with_registry: bool,
    /// Whether to return the rows of the days beside their versions.
    pub with_rows: bool,
    /// Whether the rows have the hours of their facts.
    pub with_hours: bool,
}

/// A source of days: a [`Snapshot`], or the [`Store`] for a read of a single statement.
pub trait DaySource {
    /// Reads the days of all events of `query`. Rows are read for days whose version differs from `known`, and
    /// taken from there for the others.
    fn read_days(
        &self,
        query: DaysQuery<'_>,
        known: &HashMap<Uuid, Arc<EventDays>>,
        memory: &mut ReadMemoryUse,
    ) -> impl Future<Output = Result<HashMap<Uuid, EventDays>, StoreError>> + Send;
}

impl DaySource for Snapshot {
    async fn read_days(
        &self,
        query: DaysQuery<'_>,
        known: &HashMap<Uuid, Arc<EventDays>>,
        memory: &mut ReadMemoryUse,
    ) -> Result<HashMap<Uuid, EventDays>, StoreError> {
        read(self.connection(), EVENT_DAYS, query, known, memory).await
    }
}

impl DaySource for Store {
    async fn read_days(
        &self,
        query: DaysQuery<'_>,
        known: &HashMap<Uuid, Arc<EventDays>>,
        memory: &mut ReadMemoryUse,
    ) -> Result<HashMap<Uuid, EventDays>, StoreError> {
        read(&self.database, EVENT_DAYS_FUNCTION, query, known, memory).await
    }
}

async fn read<C: StreamTrait>(
    connection: &C,
    sql: &'static str,
    query: DaysQuery<'_>,
    known: &HashMap<Uuid, Arc<EventDays>>,
    memory: &mut ReadMemoryUse,
) -> Result<HashMap<Uuid, EventDays>, StoreError> {
    let mut events = HashMap::<Uuid, FoundDays>::new();
    let process = |row: &PgRow| {
        let found = events.entry(row.try_get(0)?).or_default();
        if query.with_registry && found.registry.is_none() {
            found.registry = registered_event(row)?;
        }
        found.add(row)
    };
    statement(sql, query, known)
        .for_each(connection, memory, process)
        .await?;
    let events = events.into_iter().map(|(event_id, found)| {
        let known = known.get(&event_id).cloned().unwrap_or_default();
        (event_id, found.complete(&known, query))
    });
    Ok(events.collect())
}

fn statement(
    sql: &'static str,
    query: DaysQuery<'_>,
    known: &HashMap<Uuid, Arc<EventDays>>,
) -> ReadStatement {
    let (from, to) = days_in_any_zone(query.period);
    let (mut events, mut days) = (Vec::new(), Vec::new());
    let (mut versions, mut changed_at) = (Vec::new(), Vec::new());
    for (&event_id, known) in known {
        for (&date, day) in known
            .days
            .range(from..=to)
            .filter(|(_, day)| day.suffices(query.with_hours))
        {
            events.push(event_id);
            days.push(date);
            versions.push(day.version.version);
            changed_at.push(day.version.changed_at);
        }
    }
    let kinds_with_hours = if query.with_hours {
        &EventKind::HOURLY[..]
    } else {
        &[]
    };
    ReadStatement {
        sql,
        values: vec![
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
            event_types(&EventKind::ALL).into(),
            event_types(&EventKind::FUNNEL).into(),
            query.zone.name().into(),
            event_types(kinds_with_hours).into(),
        ],
        zone: query.zone,
        source: ReadSource::Rollup,
    }
}

/// The result of the statement for one event.
#[derive(Default)]
struct FoundDays {
    registry: Option<RegisteredEvent>,
    versions: BTreeMap<NaiveDate, DayVersion>,
    tables: HashMap<NaiveDate, DayTable>,
}

impl FoundDays {
    /// Adds a row; returns its memory in bytes.
    fn add(&mut self, row: &PgRow) -> Result<usize, StoreError> {
        let Some(day) = row.try_get::<Option<NaiveDate>, _>(1)? else {
            return Ok(0);
        };
        if let Entry::Vacant(vacant) = self.versions.entry(day) {
            let (version, changed_at) = (row.try_get("version")?, row.try_get("changed_at")?);
            vacant.insert(DayVersion {
                day,
                version,
                changed_at,
            });
        }
        let Some(row) = rollup_row(row)? else {
            return Ok(0);
        };
        let bytes = DayRows::row_bytes(&row);
        let table = self.tables.entry(day);
        table.or_insert_with(|| DayTable::new(day)).push(row);
        Ok(bytes)
    }

    /// Builds the days from the rows that were read, and from those of `known` for unchanged versions.
    fn complete(mut self, known: &EventDays, query: DaysQuery<'_>) -> EventDays {
        let days = self.versions.into_iter().map(|(date, version)| {
            let known = known
                .days
                .get(&date)
                .filter(|known| known.version == version);
            if let Some(known) = known.filter(|known| known.suffices(query.with_hours)) {
                return (date, known.clone());
            }
            let rows = query.with_rows.then(|| {
                let table = self.tables.remove(&date);
                Arc::new(DayRows::new(table.unwrap_or_else(|| DayTable::new(date))))
            });
            let has_hours = query.with_hours;
            (
                date,
                VersionedDay {
                    version,
                    rows,
                    has_hours,
                },
            )
        });
        EventDays {
            days: days.collect(),
            registry: self.registry,
        }
    }
}

fn registered_event(row: &PgRow) -> Result<Option<RegisteredEvent>, StoreError> {
    let Some(tenant_id) = row.try_get("owner")? else {
        return Ok(None);
    };
    Ok(Some(RegisteredEvent {
        event_id: row.try_get("event_id")?,
        tenant_id,
        title: row.try_get("title")?,
        starts_at: row.try_get("starts_at")?,
        zone: parse_zone(row.try_get("timezone")?)?,
        rollup_zone: parse_zone(row.try_get("rollup_timezone")?)?,
    }))
}
