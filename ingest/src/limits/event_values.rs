//! The distinct sources, ticket types and custom event types of an event's day: a caller that is not
//! trusted adds at most a certain number. Beyond it, `other` is stored instead, so that facts and rollup
//! agree.

use std::{
    collections::{HashMap, HashSet},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use analytics_shared::{fact::Fact, http::ClientNetwork};
use chrono_tz::Tz;
use moka::{policy::EvictionPolicy, sync::Cache};
use serde_json::Value;
use uuid::Uuid;

use super::day_values::{Column, DayValues, OTHER};
use crate::{
    enrich::error::FactError,
    metrics,
    store::{
        database::Store,
        error::StoreError,
        lookup::{
            Lookup,
            event_values::{EventDay, StoredValues},
        },
    },
};

/// The number of days in memory: some 10 KiB each with the default limit. The values of another day are
/// read again.
const MAX_DAYS: u64 = 1_000;
/// The number of events whose time zone is in memory.
const MAX_ZONES: u64 = 50_000;
/// The time after which a changed time zone applies.
const ZONE_TTL: Duration = Duration::from_mins(1);

/// The distinct values of the days of events.
#[derive(Clone)]
pub struct EventValues {
    max: usize,
    days: Cache<EventDay, Arc<Mutex<DayValues>>>,
    stored: Lookup<EventDay, HashMap<EventDay, StoredValues>>,
    zones: Cache<Uuid, Tz>,
    stored_zones: Lookup<Uuid, HashMap<Uuid, Tz>>,
    default_zone: Tz,
}

impl EventValues {
    /// A limit of `max` values per column, event and day; `default_zone` applies to events without a time
    /// zone.
    pub fn new(max: NonZeroU32, store: &Store, default_zone: Tz) -> Self {
        Self {
            max: usize::try_from(max.get()).unwrap_or(usize::MAX),
            // LRU, not LFU: the values of a new day must be kept.
            days: Cache::builder()
                .max_capacity(MAX_DAYS)
                .eviction_policy(EvictionPolicy::lru())
                .build(),
            stored: Lookup::start(
                store,
                |store, days| async move { store.values_of(days).await },
            ),
            zones: Cache::builder()
                .max_capacity(MAX_ZONES)
                .time_to_live(ZONE_TTL)
                .build(),
            stored_zones: Lookup::start(store, |store, events| async move {
                store.time_zones_of(events).await
            }),
            default_zone,
        }
    }

    /// Reads the stored values that are necessary to limit `facts` of `client`.
    pub async fn read(
        &self,
        facts: &[&Fact],
        client: Option<ClientNetwork>,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.read_zones(facts).await?;
        let outdated: HashSet<EventDay> = facts
            .iter()
            .filter_map(|fact| Some((fact, self.day_of(fact)?)))
            .filter(|(fact, day)| self.is_outdated(fact, *day, client, now))
            .map(|(_, day)| day)
            .collect();
        if outdated.is_empty() {
            return Ok(());
        }
        let stored = self.stored.get(outdated.iter().copied().collect()).await?;
        let none = StoredValues::default();
        for day in outdated {
            let values = self.values(day);
            lock(&values).read(stored.get(&day).unwrap_or(&none), now);
        }
        Ok(())
    }

    async fn read_zones(&self, facts: &[&Fact]) -> Result<(), StoreError> {
        let events = facts.iter().filter_map(|fact| fact.event_id);
        let unknown: HashSet<Uuid> = events
            .filter(|event| !self.zones.contains_key(event))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let stored = self.stored_zones.get(unknown.iter().copied().collect());
        let stored = stored.await?;
        for event in unknown {
            let zone = stored.get(&event).copied().unwrap_or(self.default_zone);
            self.zones.insert(event, zone);
        }
        Ok(())
    }

    fn is_outdated(
        &self,
        fact: &Fact,
        day: EventDay,
        client: Option<ClientNetwork>,
        now: Instant,
    ) -> bool {
        let values = self.values(day);
        let values = lock(&values);
        columns(fact)
            .any(|(column, value)| values.is_outdated(column, value, self.max, client, now))
    }

    /// Replaces a source or ticket type beyond the limit by `other`.
    ///
    /// # Errors
    /// When the event type is beyond the limit.
    pub fn apply(&self, fact: &mut Fact, client: Option<ClientNetwork>) -> Result<(), FactError> {
        let Some(day) = self.day_of(fact) else {
            return Ok(());
        };
        let values = self.values(day);
        let mut values = lock(&values);
        let excess: Vec<Column> = columns(fact)
            .filter(|(column, value)| !values.add(*column, value, self.max, client))
            .map(|(column, _)| column)
            .collect();
        drop(values);
        for column in excess {
            metrics::value_limited(column);
            match column {
                Column::EventType => {
                    let message = "is a new type, and the event has too many on this day";
                    return Err(FactError::invalid("eventType", message));
                }
                Column::Source => set_other(fact, "source"),
                Column::TicketType => {
                    fact.properties.remove("ticketTypeName");
                    set_other(fact, "ticketTypeId");
                }
            }
        }
        Ok(())
    }

    /// The day of a fact in the time zone of its event, if it has one.
    fn day_of(&self, fact: &Fact) -> Option<EventDay> {
        let event_id = fact.event_id?;
        let zone = self.zones.get(&event_id).unwrap_or(self.default_zone);
        Some(EventDay {
            tenant_id: fact.tenant_id,
            event_id,
            day: fact.created_at.with_timezone(&zone).date_naive(),
        })
    }

    fn values(&self, day: EventDay) -> Arc<Mutex<DayValues>> {
        self.days.get_with(day, Arc::default)
    }
}

/// The values of the limited columns, as the rollup has them.
fn columns(fact: &Fact) -> impl Iterator<Item = (Column, &str)> {
    let event_type = Some(fact.event_type.as_str()).filter(|_| !fact.event_type.is_known());
    let ticket_type = fact.text("ticketTypeId").or(fact.text("ticketTypeName"));
    [
        (Column::EventType, event_type),
        (Column::Source, fact.text("source")),
        (Column::TicketType, ticket_type),
    ]
    .into_iter()
    .filter_map(|(column, value)| Some((column, value?)))
}

fn set_other(fact: &mut Fact, property: &str) {
    let properties = &mut fact.properties;
    properties.insert(property.to_owned(), Value::from(OTHER));
}

fn lock(values: &Mutex<DayValues>) -> MutexGuard<'_, DayValues> {
    // No code that can panic runs while it is locked.
    values.lock().unwrap_or_else(PoisonError::into_inner)
}
