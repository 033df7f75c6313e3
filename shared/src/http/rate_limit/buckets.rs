//! Token buckets by key.

use std::{hash::Hash, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::{policy::EvictionPolicy, sync::Cache};

/// The maximum number of buckets, about 15 MB. Beyond it, the bucket that was used least recently is
/// dropped, which is as good as a full one. governor's own keyed limiters have no bound.
const MAX_BUCKETS: u64 = 65_536;

/// A number of tokens to take.
#[derive(Clone, Copy)]
pub struct Charge {
    tokens: u32,
    /// The tokens of the whole request, some of which may have been taken before.
    total: u32,
}

impl Charge {
    /// The charge of a request before its body is read.
    pub const REQUEST: Self = Self::of(1);

    /// A charge of this number of tokens.
    #[must_use]
    pub const fn of(tokens: u32) -> Self {
        Self {
            tokens,
            total: tokens,
        }
    }

    /// The charge of the facts of a batch beyond the first, for which the request was charged.
    #[must_use]
    pub fn of_facts(facts: u32) -> Self {
        Self {
            tokens: facts.saturating_sub(1),
            total: facts,
        }
    }
}

type Bucket<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Token buckets by key, bounded in number.
#[derive(Clone)]
pub struct Buckets<K, C: Clock = DefaultClock> {
    buckets: Cache<K, Arc<Bucket<C>>>,
    clock: C,
}

impl<K: Hash + Eq + Send + Sync + 'static> Default for Buckets<K> {
    fn default() -> Self {
        Self::new(DefaultClock::default(), MAX_BUCKETS)
    }
}

impl<K, C> Buckets<K, C>
where
    K: Hash + Eq + Send + Sync + 'static,
    C: Clock + Clone + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    fn new(clock: C, max_buckets: u64) -> Self {
        // LRU, not LFU: a new key must get a bucket.
        let buckets = Cache::builder()
            .max_capacity(max_buckets)
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { buckets, clock }
    }

    /// Takes the tokens of `charge` from the bucket of `key`, which has the capacity of `quota`. `quota` must
    /// not change for a key.
    ///
    /// # Errors
    /// The time after which there will be enough tokens, if there are too few; the time to fill the bucket,
    /// if it can never hold as many.
    pub fn take(&self, key: K, quota: Quota, charge: Charge) -> Result<(), Duration> {
        if charge.total > quota.burst_size().get() {
            return Err(quota.burst_size_replenished_in());
        }
        let bucket = self.buckets.get_with(key, || {
            Arc::new(RateLimiter::direct_with_clock(quota, self.clock.clone()))
        });
        let Some(tokens) = NonZeroU32::new(charge.tokens) else {
            return Ok(());
        };
        let taken = bucket
            .check_n(tokens)
            .map_err(|_| quota.burst_size_replenished_in())?;
        taken.map_err(|missing| missing.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn quota(per_minute: u32) -> Quota {
        Quota::per_minute(NonZeroU32::new(per_minute).unwrap())
    }

    #[test]
    fn a_bucket_is_emptied_and_refilled_and_others_are_not_affected() {
        let clock = FakeRelativeClock::default();
        let buckets = Buckets::new(clock.clone(), 10);
        assert_eq!(buckets.take(1, quota(60), Charge::of(60)), Ok(()));
        assert_eq!(
            buckets.take(1, quota(60), Charge::of(1)),
            Err(Duration::from_secs(1))
        );
        assert_eq!(
            buckets.take(1, quota(60), Charge::of(30)),
            Err(Duration::from_secs(30))
        );
        assert_eq!(buckets.take(2, quota(60), Charge::of(1)), Ok(()));
        clock.advance(Duration::from_secs(30));
        assert_eq!(buckets.take(1, quota(60), Charge::of(30)), Ok(()));
        assert!(buckets.take(1, quota(60), Charge::of(1)).is_err());
    }

    #[test]
    fn more_tokens_than_the_capacity_are_never_taken() {
        let buckets = Buckets::new(FakeRelativeClock::default(), 10);
        let minute = Duration::from_mins(1);
        assert_eq!(buckets.take(1, quota(60), Charge::of(61)), Err(minute));
        assert_eq!(buckets.take(1, quota(60), Charge::of(60)), Ok(()));
    }

    #[test]
    fn any_number_of_keys_takes_bounded_memory() {
        let buckets = Buckets::new(FakeRelativeClock::default(), 1_000);
        for key in 0..100_000 {
            assert_eq!(buckets.take(key, quota(60), Charge::of(60)), Ok(()));
        }
        buckets.buckets.run_pending_tasks();
        assert_eq!(buckets.buckets.entry_count(), 1_000);
        // The last one is still limited.
        assert!(buckets.take(99_999, quota(60), Charge::of(1)).is_err());
    }
}
