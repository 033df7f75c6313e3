//! The cache of days and summaries of events: a change of one day costs reading that day and merging it
//! with the rest.

use std::{collections::HashMap, sync::Arc, time::Duration};

use analytics_shared::http::{KeyedLimiter, KeyedPermit};
use moka::{Entry, ops::compute::Op, policy::EvictionPolicy, sync::Cache};
use uuid::Uuid;

use crate::{
    analytics::{EventSummary, OrganizationSummary, RollupRows},
    store::{DaySource, DaysQuery, EventDays, Fingerprint, ReadMemoryUse, StoreError, TenantQuery},
};

/// The longest wait for another request that reads an event that is not cached. After it, a request reads the event
/// itself.
const FIRST_READ_TIMEOUT: Duration = Duration::from_secs(5);

/// A bounded cache. LRU, not LFU: how often an event was read says nothing about its next change.
#[derive(Clone)]
pub struct EventCache {
    entries: Cache<CacheKey, CacheEntry>,
    /// One request at a time reads an event that is not cached: a page sends several at once.
    first_reads: KeyedLimiter<(Uuid, Uuid)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum CacheKey {
    /// Days of an event of a tenant.
    Days(Uuid, Uuid),
    /// Summary of an event over a period.
    Event(TenantQuery, Uuid),
    /// Summary of selected facts of an event, by everything that it depends on.
    Selection(Fingerprint),
    /// Summary of an organization over a period.
    Organization(TenantQuery),
}

#[derive(Clone)]
enum CacheEntry {
    Days(Arc<EventDays>),
    /// With the version of the event, if known.
    Event(Arc<EventSummary>, Option<i64>),
    Organization(Arc<OrganizationSummary>),
}

impl CacheEntry {
    /// Returns the summary of an event and its version.
    fn into_event(self) -> Option<(Arc<EventSummary>, Option<i64>)> {
        match self {
            Self::Event(summary, version) => Some((summary, version)),
            _ => None,
        }
    }
}

impl EventCache {
    /// Builds an empty cache of at most `max_bytes`.
    pub fn new(max_bytes: u64) -> Self {
        let weigher = |_: &CacheKey, entry: &CacheEntry| {
            let bytes = match entry {
                CacheEntry::Days(days) => days.bytes(),
                CacheEntry::Event(event, _) => event.bytes(),
                CacheEntry::Organization(organization) => organization.bytes(),
            };
            u32::try_from(size_of::<(CacheKey, CacheEntry)>() + bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(weigher)
            .eviction_policy(EvictionPolicy::lru());
        Self {
            entries: cache.build(),
            first_reads: KeyedLimiter::new(1),
        }
    }

    /// Returns the approximate memory of the entries in bytes, and their number.
    pub fn size(&self) -> (u64, u64) {
        (self.entries.weighted_size(), self.entries.entry_count())
    }

    /// Returns the days of all events of `query`, reading those whose version is not cached. `held` is what the
    /// caller has of an event that is not in the cache.
    pub async fn event_days(
        &self,
        source: &impl DaySource,
        query: DaysQuery<'_>,
        held: Option<&Arc<EventDays>>,
        memory: &mut ReadMemoryUse,
    ) -> Result<HashMap<Uuid, Arc<EventDays>>, StoreError> {
        let _permit = self.first_read(&query).await;
        let mut known = HashMap::with_capacity(query.event_ids.len());
        for &event_id in query.event_ids {
            let cached = self.days(query.tenant_id, event_id);
            known.extend(cached.or(held.cloned()).map(|days| (event_id, days)));
        }
        let events = source.read_days(query, &known, memory).await?;
        let events = events.into_iter().map(|(event_id, days)| {
            if query.with_rows {
                let known = known.remove(&event_id).unwrap_or_default();
                self.update_days(CacheKey::Days(query.tenant_id, event_id), &known, &days);
            }
            (event_id, Arc::new(days))
        });
        Ok(events.collect())
    }

    /// Waits until no other request reads all days of an event that is not cached.
    async fn first_read(&self, query: &DaysQuery<'_>) -> Option<KeyedPermit<(Uuid, Uuid)>> {
        let &[event_id] = query.event_ids else {
            return None;
        };
        let cached = self.days(query.tenant_id, event_id);
        let is_cached = cached.is_some_and(|days| days.have_hours() || !query.with_hours);
        if !query.with_rows || is_cached {
            return None;
        }
        let key = (query.tenant_id, event_id);
        self.first_reads.acquire(key, FIRST_READ_TIMEOUT).await
    }

    /// Caches the days that were read, unless all of them are cached already.
    fn update_days(&self, key: CacheKey, known: &EventDays, read: &EventDays) {
        if !self.entries.contains_key(&key) || !known.contains(read) {
            let days = Arc::new(known.updated_by(read));
            self.entries.insert(key, CacheEntry::Days(days));
        }
    }

    fn days(&self, tenant_id: Uuid, event_id: Uuid) -> Option<Arc<EventDays>> {
        match self.entries.get(&CacheKey::Days(tenant_id, event_id))? {
            CacheEntry::Days(days) => Some(days),
            _ => None,
        }
    }

    /// Returns the cached summary of an event and its version.
    pub(super) fn event(
        &self,
        query: &TenantQuery,
        event_id: Uuid,
    ) -> Option<(Arc<EventSummary>, Option<i64>)> {
        let key = CacheKey::Event(query.clone(), event_id);
        self.entries.get(&key)?.into_event()
    }

    /// Summarizes the rows of an event, which have this version, and caches the summary. Parts that have not
    /// changed since the cached summary are not merged again. Requests for the same summary wait for one computation.
    pub fn summarize(
        &self,
        query: &TenantQuery,
        event_id: Uuid,
        rows: &RollupRows,
        version: Option<i64>,
    ) -> Arc<EventSummary> {
        let key = CacheKey::Event(query.clone(), event_id);
        let computed = self.entries.entry(key).and_compute_with(|previous| {
            let previous = previous.and_then(|entry| entry.into_value().into_event());
            let (previous, known_version) = previous.unzip();
            let summary = EventSummary::of(event_id, rows, previous.as_ref());
            let is_unchanged = previous.is_some_and(|previous| Arc::ptr_eq(&previous, &summary));
            let known_version = known_version.flatten().filter(|_| is_unchanged);
            Op::Put(CacheEntry::Event(summary, version.or(known_version)))
        });
        let entry = computed.into_entry().map(Entry::into_value);
        let Some((summary, _)) = entry.and_then(CacheEntry::into_event) else {
            unreachable!("a summary has been put");
        };
        summary
    }

    /// Returns the summary of selected facts for `key`, the fingerprint of everything that it depends on. Requests for the
    /// same selection wait for one computation.
    pub fn selection(
        &self,
        key: Fingerprint,
        summarize: impl FnOnce() -> EventSummary,
    ) -> Arc<EventSummary> {
        let entry = || CacheEntry::Event(Arc::new(summarize()), None);
        let entry = self.entries.get_with(CacheKey::Selection(key), entry);
        let Some((summary, _)) = entry.into_event() else {
            unreachable!("a summary has been inserted");
        };
        summary
    }

    /// Merges the events of an organization and caches the summary, as [`Self::summarize`].
    pub(super) fn merge(
        &self,
        query: &TenantQuery,
        events: &[Arc<EventSummary>],
    ) -> Arc<OrganizationSummary> {
        let key = CacheKey::Organization(query.clone());
        let previous = match self.entries.get(&key) {
            Some(CacheEntry::Organization(previous)) => previous,
            _ => Arc::default(),
        };
        let summary = Arc::new(OrganizationSummary::of(events, &previous));
        self.entries
            .insert(key, CacheEntry::Organization(Arc::clone(&summary)));
        summary
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::period::Period;
    use chrono_tz::Tz;

    use super::*;
    use crate::analytics::{EventKind, RollupRow, test_rules};

    #[test]
    fn a_read_of_nothing_new_leaves_the_cache_as_it_is() {
        let (cache, id) = (EventCache::new(1 << 20), Uuid::nil());
        let update = || {
            let nothing = EventDays::default();
            cache.update_days(CacheKey::Days(id, id), &nothing, &nothing);
            cache.days(id, id).unwrap()
        };
        assert!(Arc::ptr_eq(&update(), &update()));
    }

    #[test]
    fn rows_that_are_summarized_are_not_summarized_again() {
        let (cache, id) = (EventCache::new(1 << 20), Uuid::nil());
        let day = "2026-11-23".parse().unwrap();
        let query = TenantQuery {
            tenant_id: id,
            period: Period::new(day, day).unwrap(),
            rules: test_rules(Tz::UTC),
        };
        let rows = || -> RollupRows {
            [RollupRow::blank("2026-11-23", EventKind::View)]
                .into_iter()
                .collect()
        };
        let first = rows();
        let summary = cache.summarize(&query, id, &first, Some(1));
        assert!(Arc::ptr_eq(
            &summary,
            &cache.summarize(&query, id, &first, None)
        ));
        assert_eq!(cache.event(&query, id).unwrap().1, Some(1));
        assert!(!Arc::ptr_eq(
            &summary,
            &cache.summarize(&query, id, &rows(), None)
        ));
        assert_eq!(cache.event(&query, id).unwrap().1, None);
    }
}
