//! The time that the reads of each tenant may take per minute.

use std::time::{Duration, Instant};

use moka::sync::Cache;
use uuid::Uuid;

/// The period of the budget.
const PERIOD: Duration = Duration::from_mins(1);
/// The time after which a tenant is removed: its debt is paid long before.
const IDLE: Duration = Duration::from_hours(1);
/// Tenants at most; beyond that the least recently used one is removed, and begins anew.
const MAX_TENANTS: u64 = 100_000;

/// The time that the reads of each tenant may take per minute (generic cell rate algorithm). The duration of a
/// read is known when it has ended, so a tenant may exceed its budget, and waits all the longer.
#[derive(Clone)]
pub struct TimeBudget {
    per_minute: Duration,
    /// When the time that a tenant has used is paid by the passage of time.
    paid_at: Cache<Uuid, Instant>,
}

impl TimeBudget {
    /// Allows reads of `per_minute` in each minute.
    pub fn new(per_minute: Duration) -> Self {
        let paid_at = Cache::builder()
            .max_capacity(MAX_TENANTS)
            .time_to_idle(IDLE);
        Self {
            per_minute,
            paid_at: paid_at.build(),
        }
    }

    /// Returns the time until the tenant may read again, if it has used its budget.
    pub fn retry_after(&self, tenant_id: Uuid, now: Instant) -> Option<Duration> {
        let paid_at = self.paid_at.get(&tenant_id)?;
        let over = paid_at.saturating_duration_since(now).checked_sub(PERIOD);
        over.filter(|over| !over.is_zero())
    }

    /// Charges the tenant for a read that took `spent`.
    pub fn charge(&self, tenant_id: Uuid, spent: Duration, now: Instant) {
        let cost = PERIOD.mul_f64(spent.div_duration_f64(self.per_minute));
        self.paid_at.entry(tenant_id).and_upsert_with(|known| {
            let from = known.map_or(now, |known| known.into_value().max(now));
            from + cost
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_waits_until_its_debt_is_paid_and_others_do_not() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let budget = TimeBudget::new(Duration::from_secs(30));
        let start = Instant::now();
        let seconds = Duration::from_secs;
        budget.charge(one, seconds(30), start);
        assert_eq!(budget.retry_after(one, start), None);
        // Ten seconds more than the budget, which 20 seconds pay.
        budget.charge(one, seconds(10), start);
        assert_eq!(budget.retry_after(one, start), Some(seconds(20)));
        assert_eq!(budget.retry_after(other, start), None);
        let later = start + seconds(20);
        assert_eq!(budget.retry_after(one, later), None);
        // Of the past, only a minute counts.
        let much_later = start + seconds(1_000);
        budget.charge(one, seconds(31), much_later);
        assert_eq!(budget.retry_after(one, much_later), Some(seconds(2)));
    }
}
