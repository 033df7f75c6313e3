//! All events of an organization over a period, summed up.

use std::sync::Arc;

use super::{
    EventSummary, Kind, Totals, day_summary::Sums, merge_cache::MergeCache, merged_days::MergedDays,
};

/// The events of an organization together; a visitor of two events counts once.
#[derive(Clone, Debug, Default)]
pub struct OrganizationSummary {
    sums: Sums,
    days: MergedDays,
    cache: MergeCache,
}

impl OrganizationSummary {
    /// Sums up events. `before` is the summary of the same events before one of them changed.
    #[must_use]
    pub fn of(events: &[Arc<EventSummary>], before: &Self) -> Self {
        let parts: Vec<_> = events
            .iter()
            .map(|event| (event.number(), event.sums()))
            .collect();
        let (sums, cache) = before.cache.merge(&parts, &[Kind::View]);
        Self {
            sums,
            days: MergedDays::of(events, &before.days),
            cache,
        }
    }

    /// All events together.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::from(&self.sums.total)
    }

    /// Memory that it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.sums.bytes() + self.days.bytes() + self.cache.heap_bytes()
    }

    /// The sums over all events.
    pub(super) fn sums(&self) -> &Sums {
        &self.sums
    }

    /// The days of all events.
    pub(super) fn days(&self) -> &MergedDays {
        &self.days
    }
}
