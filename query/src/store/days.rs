//! Days that were read before: a day that has not changed is not read again.

use std::sync::Arc;

use chrono::NaiveDate;
use moka::{policy::EvictionPolicy, sync::Cache};
use uuid::Uuid;

use crate::figures::Piece;

/// Days, bounded in bytes; what has not been asked for longest goes first. (How often it was asked for
/// says nothing: a version that is over is never asked for again.)
#[derive(Clone)]
pub(super) struct Days(Cache<Key, Arc<Piece>>);

/// A day of an event in one of its states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The tenant whose facts are counted.
    pub tenant_id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The day.
    pub day: NaiveDate,
    /// Its version.
    pub version: i64,
}

impl Days {
    /// An empty memory of at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        let weigher = |_: &Key, piece: &Arc<Piece>| {
            let bytes = piece.bytes() + size_of::<Key>();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(bytes)
            .weigher(weigher)
            .eviction_policy(EvictionPolicy::lru());
        Self(cache.build())
    }

    /// What happened on the day, if it is known.
    pub fn get(&self, key: Key) -> Option<Arc<Piece>> {
        self.0.get(&key)
    }

    /// Remembers the day.
    pub fn put(&self, key: Key, piece: Arc<Piece>) {
        self.0.insert(key, piece);
    }
}
