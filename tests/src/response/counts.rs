//! Activity of a day or another time bucket.

use std::ops::Deref;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Deserialize;

/// The counts of a time bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub views: u64,
    pub unique_views: u64,
    pub registrations: u64,
    pub cancellations: u64,
    pub check_ins: u64,
}

/// A day, with its distance to the event in a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    pub date: NaiveDate,
    #[serde(flatten)]
    pub counts: Counts,
    pub days_to_event: Option<i64>,
}

/// An hour, day, week or month.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeBucket {
    pub date_from: NaiveDate,
    pub date_to: NaiveDate,
    pub starts_at: DateTime<FixedOffset>,
    pub ends_at: DateTime<FixedOffset>,
    pub incomplete: bool,
    #[serde(flatten)]
    pub counts: Counts,
}

impl Counts {
    /// Views, unique views, registrations, cancellations and check-ins.
    #[must_use]
    pub fn figures(&self) -> [u64; 5] {
        [
            self.views,
            self.unique_views,
            self.registrations,
            self.cancellations,
            self.check_ins,
        ]
    }
}

/// The figures of each day or time bucket.
#[must_use]
pub fn all_figures<T: Deref<Target = Counts>>(buckets: &[T]) -> Vec<[u64; 5]> {
    buckets.iter().map(|bucket| bucket.figures()).collect()
}

impl Deref for Day {
    type Target = Counts;

    fn deref(&self) -> &Counts {
        &self.counts
    }
}

impl Deref for TimeBucket {
    type Target = Counts;

    fn deref(&self) -> &Counts {
        &self.counts
    }
}
