//! Attempts at the passwords of share links.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use analytics_shared::http::ClientNetwork;
use moka::{policy::EvictionPolicy, sync::Cache};
use uuid::Uuid;

/// The time after which failed attempts are forgotten, from the first of them.
pub const WINDOW: Duration = Duration::from_mins(15);
/// Failed attempts of a client at a link.
const MAX_OF_CLIENT: u32 = 10;
/// Failed attempts of all clients at a link: enough for people, and too few to try a list of passwords from many
/// addresses.
const MAX_OF_LINK: u32 = 100;
/// Counters of each kind, about 10 MB. Beyond it, the counter that was used least recently is dropped.
const MAX_COUNTERS: u64 = 65_536;

/// Bounds the failed attempts at the password of each link, by one client and by all. An attempt counts from its
/// beginning, so that concurrent ones are bounded too. Cheap to clone.
#[derive(Clone)]
pub struct PasswordAttempts {
    clients: Counters<(Uuid, ClientNetwork)>,
    links: Counters<Uuid>,
}

/// An attempt, which counts as failed unless it is [withdrawn](Self::withdraw).
#[must_use]
pub struct Attempt {
    of_client: Arc<AtomicU32>,
    of_link: Arc<AtomicU32>,
}

#[derive(Clone)]
struct Counters<K>(Cache<K, Arc<AtomicU32>>);

impl Default for PasswordAttempts {
    fn default() -> Self {
        Self {
            clients: Counters::new(),
            links: Counters::new(),
        }
    }
}

impl PasswordAttempts {
    /// Begins an attempt of a client at a link; `None` if there were too many.
    pub fn begin(&self, share_id: Uuid, client: ClientNetwork) -> Option<Attempt> {
        let of_client = self.clients.count((share_id, client), MAX_OF_CLIENT)?;
        let Some(of_link) = self.links.count(share_id, MAX_OF_LINK) else {
            of_client.fetch_sub(1, Ordering::Relaxed);
            return None;
        };
        Some(Attempt { of_client, of_link })
    }
}

impl Attempt {
    /// Removes the attempt from the failed ones, because the password was right or could not be verified.
    pub fn withdraw(self) {
        self.of_client.fetch_sub(1, Ordering::Relaxed);
        self.of_link.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> Counters<K> {
    fn new() -> Self {
        // LRU, not LFU: a new key must get a counter.
        let counters = Cache::builder()
            .max_capacity(MAX_COUNTERS)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(WINDOW);
        Self(counters.build())
    }

    /// Adds one to the counter of `key` and returns it; `None` if it has reached `max`.
    fn count(&self, key: K, max: u32) -> Option<Arc<AtomicU32>> {
        let counter = self.0.get_with(key, Arc::default);
        let below = |count: u32| (count < max).then_some(count + 1);
        let result = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below);
        result.is_ok().then_some(counter)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const LINK: Uuid = Uuid::from_u128(1);

    fn client(number: u8) -> ClientNetwork {
        IpAddr::from([10, 0, 0, number]).into()
    }

    #[test]
    fn failed_attempts_of_a_client_are_bounded_and_successful_ones_are_not() {
        let attempts = PasswordAttempts::default();
        for _ in 0..1_000 {
            attempts.begin(LINK, client(1)).unwrap().withdraw();
        }
        for _ in 0..MAX_OF_CLIENT {
            drop(attempts.begin(LINK, client(1)).unwrap());
        }
        assert!(attempts.begin(LINK, client(1)).is_none());
        assert!(attempts.begin(LINK, client(2)).is_some());
        assert!(attempts.begin(Uuid::from_u128(2), client(1)).is_some());
    }

    #[test]
    fn failed_attempts_of_many_clients_at_a_link_are_bounded() {
        let attempts = PasswordAttempts::default();
        let failed = (0..=u8::MAX).filter(|&number| attempts.begin(LINK, client(number)).is_some());
        assert_eq!(failed.count(), 100);
        // A refused attempt of a client is not counted as failed.
        assert!(attempts.begin(Uuid::from_u128(2), client(200)).is_some());
    }
}
