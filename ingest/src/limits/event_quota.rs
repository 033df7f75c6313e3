//! The daily quota of an event for facts without a token.

use std::num::NonZeroU32;

use analytics_shared::http::{Buckets, Charge, Quota};
use uuid::Uuid;

use crate::{enrich::error::FactError, store::fact_row::FactRow};

/// The disk space of a fact beside its properties, in bytes: its row, its entries in three indexes, and a
/// rollup row of its own.
const OVERHEAD_BYTES: usize = 1_024;
const BYTES_PER_MIB: NonZeroU32 = NonZeroU32::new(1024 * 1024).unwrap();

/// A bucket of bytes for each event: an empty one is full again after a day.
#[derive(Clone)]
pub struct EventQuota {
    quota: Quota,
    events: Buckets<Uuid>,
}

impl EventQuota {
    /// A quota of this size for each event: at least 1 MiB, and less than 4 GiB.
    pub fn new(mib_per_day: u16) -> Self {
        let mib = NonZeroU32::MIN.max(u32::from(mib_per_day).try_into().unwrap_or(NonZeroU32::MIN));
        let bytes = mib.saturating_mul(BYTES_PER_MIB);
        let per_hour = NonZeroU32::new(bytes.get() / 24).unwrap_or(bytes);
        Self {
            quota: Quota::per_hour(per_hour).allow_burst(bytes),
            events: Buckets::default(),
        }
    }

    /// Charges the event of a fact.
    ///
    /// # Errors
    /// When its quota is used up.
    pub fn charge(&self, row: &FactRow) -> Result<(), FactError> {
        row.event_id.map_or(Ok(()), |event| self.take(event, row))
    }

    /// Charges a fact whose event may not exist. All of them share the quota of one event, or a sender could use
    /// that of as many as it invents.
    ///
    /// # Errors
    /// When the quota is used up.
    pub fn charge_unattributed(&self, row: &FactRow) -> Result<(), FactError> {
        self.take(Uuid::nil(), row)
    }

    fn take(&self, event: Uuid, row: &FactRow) -> Result<(), FactError> {
        let bytes = OVERHEAD_BYTES + row.properties.len();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let charged = self.events.take(event, self.quota, Charge::of(bytes));
        charged.map_err(FactError::QuotaExceeded)
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::{event_type::PAGE_VIEW, fact::Fact};
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn view(event: u128, note_bytes: usize) -> FactRow {
        let fact = Fact {
            id: Uuid::nil(),
            tenant_id: Uuid::nil(),
            event_type: PAGE_VIEW.parse().unwrap(),
            event_id: Some(Uuid::from_u128(event)),
            user_id: None,
            properties: json!({"note": "n".repeat(note_bytes)})
                .as_object()
                .unwrap()
                .clone(),
            created_at: DateTime::UNIX_EPOCH,
            provenance: analytics_shared::fact::Provenance::User,
        };
        fact.into()
    }

    #[test]
    fn the_quota_of_an_event_is_used_up_by_its_facts_and_what_they_cost_beside() {
        let quota = EventQuota::new(1);
        let stored = |event, note_bytes| {
            let fact = view(event, note_bytes);
            (0..2_000).filter(|_| quota.charge(&fact).is_ok()).count()
        };
        // 1 MiB / (1,024 bytes + the properties)
        assert_eq!(stored(1, 1_024 - r#"{"note":""}"#.len()), 512);
        assert_eq!(stored(1, 0), 0);
        assert_eq!(stored(2, 0), 1_013);
    }
}
