//! Limits on concurrent work by key, so that no key can take the share of the others.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits the concurrent work of each key. Cloning is cheap.
pub struct KeyedLimiter<K: Eq + Hash + Clone>(Arc<Keys<K>>);

struct Keys<K> {
    /// Permits of each key.
    limit: usize,
    /// The keys with permits or waiting work.
    in_use: Mutex<HashMap<K, Arc<Semaphore>>>,
}

/// A permit of a key, until it is dropped.
pub struct KeyedPermit<K: Eq + Hash + Clone> {
    // Dropped before the entry, which then knows that the permit is free.
    permit: OwnedSemaphorePermit,
    entry: KeyEntry<K>,
}

/// Keeps a key in the map.
struct KeyEntry<K: Eq + Hash + Clone> {
    keys: Arc<Keys<K>>,
    key: K,
    semaphore: Arc<Semaphore>,
}

impl<K: Eq + Hash + Clone> Clone for KeyedLimiter<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Eq + Hash + Clone> KeyedLimiter<K> {
    /// Allows up to `limit` permits for each key.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self(Arc::new(Keys {
            limit: usize::try_from(limit).unwrap_or(Semaphore::MAX_PERMITS),
            in_use: Mutex::default(),
        }))
    }

    /// Returns the number of permits of each key.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// Acquires a permit without waiting; `None` if the key has no more.
    pub fn try_acquire(&self, key: K) -> Option<KeyedPermit<K>> {
        let entry = self.entry(key);
        let permit = Arc::clone(&entry.semaphore).try_acquire_owned().ok()?;
        Some(KeyedPermit { permit, entry })
    }

    /// Waits for a permit; `None` if none becomes free in time.
    pub async fn acquire(&self, key: K, timeout: Duration) -> Option<KeyedPermit<K>> {
        let entry = self.entry(key);
        let permit = Arc::clone(&entry.semaphore).acquire_owned();
        let permit = tokio::time::timeout(timeout, permit).await.ok()?.ok()?;
        Some(KeyedPermit { permit, entry })
    }

    /// Returns the number of keys with permits or waiting work.
    #[cfg(test)]
    pub(crate) fn keys(&self) -> usize {
        self.0.in_use.lock().unwrap().len()
    }

    fn entry(&self, key: K) -> KeyEntry<K> {
        let mut in_use = self.0.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore = in_use
            .entry(key.clone())
            .or_insert_with(|| Arc::new(Semaphore::new(self.0.limit)));
        KeyEntry {
            semaphore: Arc::clone(semaphore),
            keys: Arc::clone(&self.0),
            key,
        }
    }
}

impl<K: Eq + Hash + Clone> KeyedPermit<K> {
    /// Adds permits of the same key without waiting; returns whether it has so many.
    pub fn grow(&mut self, permits: u32) -> bool {
        let more = Arc::clone(&self.entry.semaphore).try_acquire_many_owned(permits);
        more.map(|more| self.permit.merge(more)).is_ok()
    }
}

impl<K: Eq + Hash + Clone> Drop for KeyEntry<K> {
    fn drop(&mut self) {
        let in_use = self.keys.in_use.lock();
        let mut in_use = in_use.unwrap_or_else(PoisonError::into_inner);
        // The map and this entry have one each; others are cloned while the map is locked.
        if Arc::strong_count(&self.semaphore) == 2 {
            in_use.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A_MOMENT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn permits_are_per_key_and_released_on_drop() {
        let limiter = KeyedLimiter::new(2);
        let first = limiter.try_acquire(1);
        let _second = limiter.try_acquire(1).unwrap();
        assert!(limiter.try_acquire(1).is_none());
        assert!(limiter.acquire(1, A_MOMENT).await.is_none());
        assert!(limiter.try_acquire(2).is_some());
        let waiting = tokio::spawn({
            let limiter = limiter.clone();
            async move { limiter.acquire(1, Duration::from_secs(10)).await }
        });
        tokio::time::sleep(A_MOMENT).await;
        drop(first);
        assert!(waiting.await.unwrap().is_some());
        assert!(limiter.try_acquire(1).is_some());
        assert_eq!(limiter.keys(), 1, "a key without work is removed");
    }

    #[tokio::test]
    async fn a_cancelled_wait_leaves_no_key() {
        let limiter = KeyedLimiter::new(1);
        let permit = limiter.try_acquire(1);
        assert!(limiter.acquire(1, A_MOMENT).await.is_none());
        drop(permit);
        assert_eq!(limiter.keys(), 0);
    }
}
