//! The look-ups of the distinct values of an event's day, and of the time zone of its days.

use std::collections::{HashMap, HashSet};

use analytics_shared::{event_type::KNOWN, parse::time_zone};
use chrono::NaiveDate;
use chrono_tz::Tz;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::store::{
    database::{Store, statement},
    error::StoreError,
};

const EVENT_VALUES: &str = include_str!("event_values.sql");
/// The maximum number of values of a column that are read. Only trusted callers can store as many.
const MAX_VALUES: i32 = 1_000;

/// A day of an event, in its time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventDay {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The ticketing event.
    pub event_id: Uuid,
    /// The day.
    pub day: NaiveDate,
}

/// The distinct values of the rollup of one day of an event.
#[derive(Debug, Default)]
pub struct StoredValues {
    /// The event types without a meaning.
    pub event_types: Vec<String>,
    /// The sources.
    pub sources: Vec<String>,
    /// The ticket types.
    pub ticket_types: Vec<String>,
}

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    event_id: Uuid,
    day: NaiveDate,
    event_types: Vec<String>,
    sources: Vec<String>,
    ticket_types: Vec<String>,
}

#[derive(FromQueryResult)]
struct ZoneRow {
    event_id: Uuid,
    timezone: String,
}

impl Store {
    /// Returns the time zones of the registered events among `events` that have one.
    pub async fn time_zones_of(&self, events: Vec<Uuid>) -> Result<HashMap<Uuid, Tz>, StoreError> {
        let zones = statement(
            "SELECT event_id, timezone FROM tracked_events
             WHERE event_id = ANY ($1::UUID[]) AND timezone IS NOT NULL",
            [events.into()],
        );
        let zones = ZoneRow::find_by_statement(zones).all(&self.database);
        let found = self.availability.guard(zones).await?;
        let known = found.into_iter();
        let known =
            known.filter_map(|row| Some((row.event_id, time_zone::parse(&row.timezone).ok()?)));
        Ok(known.collect())
    }

    /// Returns the stored values of `days`.
    pub async fn values_of(
        &self,
        days: Vec<EventDay>,
    ) -> Result<HashMap<EventDay, StoredValues>, StoreError> {
        let days: HashSet<EventDay> = days.into_iter().collect();
        let tenants: Vec<Uuid> = days.iter().map(|day| day.tenant_id).collect();
        let events: Vec<Uuid> = days.iter().map(|day| day.event_id).collect();
        let dates: Vec<NaiveDate> = days.iter().map(|day| day.day).collect();
        let values = [
            tenants.into(),
            events.into(),
            dates.into(),
            MAX_VALUES.into(),
        ];
        let rows = Row::find_by_statement(statement(EVENT_VALUES, values)).all(&self.database);
        let found = self.availability.guard(rows).await?;
        let by_day = found.into_iter().map(|row| {
            let day = EventDay {
                tenant_id: row.tenant_id,
                event_id: row.event_id,
                day: row.day,
            };
            let custom = |event_type: &String| !KNOWN.contains(&event_type.as_str());
            let values = StoredValues {
                event_types: row.event_types.into_iter().filter(custom).collect(),
                sources: row.sources,
                ticket_types: row.ticket_types,
            };
            (day, values)
        });
        Ok(by_day.collect())
    }
}
