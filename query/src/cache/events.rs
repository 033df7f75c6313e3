//! The cache of everything that figures are made of: the days of events by version, and the
//! summaries that make a change of one day cheap. It is bounded in bytes.

use std::sync::Arc;

use analytics_shared::period::Period;
use chrono_tz::Tz;
use moka::{policy::EvictionPolicy, sync::Cache};
use uuid::Uuid;

use super::event_days::EventDays;
use crate::figures::{EventSummary, OrganizationSummary, Rows};

/// LRU, not LFU: how often an event was read says nothing about its next change.
#[derive(Clone)]
pub(super) struct EventCache(Cache<Key, Entry>);

/// The scope of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    /// The tenant whose facts are counted.
    pub tenant_id: Uuid,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone of the days.
    pub zone: Tz,
    /// Fingerprint of the zone's rules.
    pub rules: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Days(Uuid, Uuid),
    Event(Scope, Uuid),
    Organization(Scope),
}

#[derive(Clone)]
enum Entry {
    Days(Arc<EventDays>),
    /// With the state of the event's days, where it is known.
    Event(Arc<EventSummary>, Option<i64>),
    Organization(Arc<OrganizationSummary>),
}

impl EventCache {
    /// An empty cache of at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        let weigher = |_: &Key, entry: &Entry| {
            let bytes = match entry {
                Entry::Days(days) => days.bytes(),
                Entry::Event(event, _) => event.bytes(),
                Entry::Organization(organization) => organization.bytes(),
            };
            u32::try_from(size_of::<(Key, Entry)>() + bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(bytes)
            .weigher(weigher)
            .eviction_policy(EvictionPolicy::lru());
        Self(cache.build())
    }

    /// The days of an event as they were read last.
    pub fn days(&self, tenant_id: Uuid, event_id: Uuid) -> Option<Arc<EventDays>> {
        match self.0.get(&Key::Days(tenant_id, event_id))? {
            Entry::Days(days) => Some(days),
            _ => None,
        }
    }

    /// Keeps the days of an event.
    pub fn put_days(&self, tenant_id: Uuid, event_id: Uuid, days: Arc<EventDays>) {
        self.0
            .insert(Key::Days(tenant_id, event_id), Entry::Days(days));
    }

    /// The summary of an event as it was made last, with the state that it is of.
    pub fn event(&self, scope: Scope, event_id: Uuid) -> Option<(Arc<EventSummary>, Option<i64>)> {
        match self.0.get(&Key::Event(scope, event_id))? {
            Entry::Event(event, state) => Some((event, state)),
            _ => None,
        }
    }

    /// Sums up the rows of an event, which are in that state, from the summary made last.
    pub fn event_summary(
        &self,
        scope: Scope,
        event_id: Uuid,
        rows: &Rows,
        state: Option<i64>,
    ) -> Arc<EventSummary> {
        let before = self.event(scope, event_id).map(|(summary, _)| summary);
        let summary = Arc::new(EventSummary::of(event_id, rows, before.as_deref()));
        let entry = Entry::Event(Arc::clone(&summary), state);
        self.0.insert(Key::Event(scope, event_id), entry);
        summary
    }

    /// The summary of an organization as it was made last.
    pub fn organization(&self, scope: Scope) -> Option<Arc<OrganizationSummary>> {
        match self.0.get(&Key::Organization(scope))? {
            Entry::Organization(organization) => Some(organization),
            _ => None,
        }
    }

    /// Keeps the summary of an organization.
    pub fn put_organization(&self, scope: Scope, organization: &Arc<OrganizationSummary>) {
        let entry = Entry::Organization(Arc::clone(organization));
        self.0.insert(Key::Organization(scope), entry);
    }
}
