//! The dimensions by which requests are limited.

use std::time::Duration;

use governor::Quota;

use crate::{
    problem::{ExceededLimit, Problem},
    telemetry::http_metrics,
};

/// A dimension by which requests are limited.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dimension {
    /// The network of the client.
    Address,
    /// The tenant of the token.
    Tenant,
    /// The write key.
    WriteKey,
}

impl Dimension {
    /// The value of the metric label `dimension`, and the name of the policy in `RateLimit`.
    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Tenant => "tenant",
            Self::WriteKey => "write_key",
        }
    }

    /// Registers the counters of rejections.
    pub(super) fn register_metrics() {
        for dimension in [Self::Address, Self::Tenant, Self::WriteKey] {
            http_metrics::rate_limited(dimension.name()).absolute(0);
        }
    }

    /// Counts a rejection, and returns its problem (429).
    pub(super) fn exceeded(self, quota: Quota, wait: Duration) -> Problem {
        http_metrics::rate_limited(self.name()).increment(1);
        Problem::rate_limited(ExceededLimit {
            policy: self.name(),
            quota: quota.burst_size().get(),
            window: whole_seconds(quota.burst_size_replenished_in()),
            retry_after: whole_seconds(wait),
        })
    }
}

/// Seconds, rounded up, so that the next attempt is not too early.
fn whole_seconds(duration: Duration) -> u32 {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
