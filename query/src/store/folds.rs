//! Folds of events that were made before: an event of which nothing has changed is not folded again.

use std::sync::Arc;

use analytics_shared::period::Period;
use chrono_tz::Tz;
use moka::{policy::EvictionPolicy, sync::Cache};
use uuid::Uuid;

use crate::figures::{EventFold, UnitedDays};

/// Of so many bytes one is for days that are united: they are numbers alone.
const OF_DAYS: u64 = 8;

/// Folds, bounded in bytes; what has not been asked for longest goes first. Of what is asked for only
/// the latest state is remembered: no event is ever in the same state again.
#[derive(Clone)]
pub(super) struct Folds {
    events: Cache<Key, Kept>,
    days: Cache<Key, Arc<UnitedDays>>,
}

/// What a fold is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The tenant whose facts are counted.
    pub tenant_id: Uuid,
    /// The event; `None` for all of the tenant together.
    pub event_id: Option<Uuid>,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone of the days.
    pub zone: Tz,
    /// What stands for the zone's rules.
    pub rules: u64,
}

#[derive(Clone)]
struct Kept {
    versions: i64,
    fold: Arc<EventFold>,
    weight: u32,
}

impl Folds {
    /// An empty memory of at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        let of_days = bytes / OF_DAYS;
        let weigher = |_: &Key, days: &Arc<UnitedDays>| weight(days.bytes());
        let events = Cache::builder()
            .max_capacity(bytes - of_days)
            .weigher(|_: &Key, kept: &Kept| kept.weight)
            .eviction_policy(EvictionPolicy::lru());
        let days = Cache::builder()
            .max_capacity(of_days)
            .weigher(weigher)
            .eviction_policy(EvictionPolicy::lru());
        Self {
            events: events.build(),
            days: days.build(),
        }
    }

    /// The fold, if it is known of that state.
    pub fn get(&self, key: &Key, versions: i64) -> Option<Arc<EventFold>> {
        let kept = self.events.get(key)?;
        (kept.versions == versions).then_some(kept.fold)
    }

    /// Remembers the fold of that state.
    pub fn put(&self, key: Key, versions: i64, fold: EventFold) -> Arc<EventFold> {
        let kept = Kept {
            versions,
            weight: weight(size_of::<Kept>() + fold.bytes()),
            fold: Arc::new(fold),
        };
        let fold = Arc::clone(&kept.fold);
        self.events.insert(key, kept);
        fold
    }

    /// The days of all events of the tenant, as they were united last.
    pub fn days(&self, key: &Key) -> Option<Arc<UnitedDays>> {
        self.days.get(key)
    }

    /// Remembers the days.
    pub fn put_days(&self, key: Key, days: UnitedDays) -> Arc<UnitedDays> {
        let days = Arc::new(days);
        self.days.insert(key, Arc::clone(&days));
        days
    }
}

/// What an entry of so many bytes counts.
fn weight(bytes: usize) -> u32 {
    u32::try_from(size_of::<Key>() + bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Rows;

    #[test]
    fn a_fold_is_known_in_its_latest_state_alone() {
        let folds = Folds::new(1 << 20);
        let day = "2026-11-23".parse().unwrap();
        let key = Key {
            tenant_id: Uuid::nil(),
            event_id: Some(Uuid::nil()),
            period: Period::new(day, day).unwrap(),
            zone: Tz::UTC,
            rules: 0,
        };
        for versions in [1, 2] {
            folds.put(key, versions, EventFold::of(Uuid::nil(), &Rows::default()));
        }
        assert!(folds.get(&key, 1).is_none());
        assert!(folds.get(&key, 2).is_some());
    }
}
