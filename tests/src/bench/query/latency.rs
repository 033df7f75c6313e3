//! Response times: the median, the 99th percentile, and the maximum.

use std::{fmt, time::Duration};

/// The sorted latencies of one response or more.
#[derive(Clone, Debug)]
pub struct Latency {
    sorted: Vec<Duration>,
}

impl Latency {
    /// Collects latencies.
    ///
    /// # Panics
    /// When there are none.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Self {
        assert!(!times.is_empty(), "no answer was measured");
        times.sort_unstable();
        Self { sorted: times }
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> Duration {
        self.within(50)
    }

    /// The 99th percentile.
    #[must_use]
    pub fn p99(&self) -> Duration {
        self.within(99)
    }

    /// The maximum.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        self.within(100)
    }

    /// A percentile (nearest rank).
    fn within(&self, of_hundred: usize) -> Duration {
        let rank = (self.sorted.len() * of_hundred).div_ceil(100);
        self.sorted[rank.max(1) - 1]
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, p99) = (milliseconds(self.median()), milliseconds(self.p99()));
        write!(formatter, "p50 {median:.2} ms, p99 {p99:.2} ms")
    }
}

/// Milliseconds.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: impl Iterator<Item = u64>) -> Latency {
        Latency::of(milliseconds.map(Duration::from_millis).collect())
    }

    #[test]
    fn one_of_a_hundred_may_be_slower_than_p99() {
        let latency = of((1..=200).rev());
        let found = [latency.median(), latency.p99(), latency.slowest()];
        assert_eq!(found, [100, 198, 200].map(Duration::from_millis));
    }

    #[test]
    fn the_median_of_three_is_the_one_in_the_middle() {
        let latency = of([9, 1, 5].into_iter());
        let found = [latency.median(), latency.p99()];
        assert_eq!(found, [5, 9].map(Duration::from_millis));
        let latency = of([7].into_iter());
        assert_eq!(latency.median(), latency.slowest());
    }
}
