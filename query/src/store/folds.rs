//! Folds of events that were made before: an event of which nothing has changed is not folded again.

use std::sync::Arc;

use analytics_shared::period::Period;
use chrono_tz::Tz;
use moka::{policy::EvictionPolicy, sync::Cache};
use uuid::Uuid;

use crate::figures::EventFold;

/// Folds of events, bounded in bytes; what has not been asked for longest goes first. Of what is
/// asked for only the latest state is remembered: no event is ever in the same state again.
#[derive(Clone)]
pub(super) struct Folds(Cache<Key, Kept>);

/// What a fold is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The tenant whose facts are counted.
    pub tenant_id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone of the days.
    pub zone: Tz,
}

#[derive(Clone)]
struct Kept {
    versions: i64,
    fold: Arc<EventFold>,
    bytes: u32,
}

impl Folds {
    /// An empty memory of at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        let cache = Cache::builder()
            .max_capacity(bytes)
            .weigher(|_: &Key, kept: &Kept| kept.bytes)
            .eviction_policy(EvictionPolicy::lru());
        Self(cache.build())
    }

    /// The fold, if it is known of that state.
    pub fn get(&self, key: &Key, versions: i64) -> Option<Arc<EventFold>> {
        let kept = self.0.get(key)?;
        (kept.versions == versions).then_some(kept.fold)
    }

    /// Remembers the fold of that state.
    pub fn put(&self, key: Key, versions: i64, fold: EventFold) -> Arc<EventFold> {
        let bytes = size_of::<Key>() + size_of::<Kept>() + fold.bytes();
        let kept = Kept {
            versions,
            fold: Arc::new(fold),
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        };
        let fold = Arc::clone(&kept.fold);
        self.0.insert(key, kept);
        fold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_is_known_in_its_latest_state_alone() {
        let folds = Folds::new(1 << 20);
        let day = "2026-11-23".parse().unwrap();
        let key = Key {
            tenant_id: Uuid::nil(),
            event_id: Uuid::nil(),
            period: Period::new(day, day).unwrap(),
            zone: Tz::UTC,
        };
        for versions in [1, 2] {
            folds.put(key, versions, EventFold::of(Uuid::nil(), &[]));
        }
        assert!(folds.get(&key, 1).is_none());
        assert!(folds.get(&key, 2).is_some());
    }
}
