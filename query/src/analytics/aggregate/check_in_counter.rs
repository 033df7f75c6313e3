//! Counts of check-ins by the minute.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::analytics::model::RawFact;

/// Counts check-ins by the minute.
#[derive(Clone, Debug, Default)]
pub struct CheckInCounter(BTreeMap<DateTime<Utc>, u64>);

impl CheckInCounter {
    pub fn add(&mut self, fact: &RawFact) {
        // UTC offsets are whole minutes, so that minutes begin at the same time in every zone.
        let minute = fact.at.duration_trunc(TimeDelta::minutes(1));
        *self.0.entry(minute.unwrap_or(fact.at)).or_default() += 1;
    }

    /// Returns the minutes with check-ins, in order, with the number of check-ins of each.
    pub fn minutes(&self) -> impl Iterator<Item = (DateTime<Utc>, u64)> {
        self.0.iter().map(|(&at, &check_ins)| (at, check_ins))
    }

    /// Returns the approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.0.len() * size_of::<(DateTime<Utc>, u64)>()
    }
}
