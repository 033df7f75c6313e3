//! Counts of facts by the hour of a day.

use crate::analytics::model::{EventKind, RowRef};

const HOURS: usize = 24;

/// Facts in one hour.
#[derive(Clone, Copy, Debug, Default)]
pub struct HourCounts {
    pub views: u64,
    /// Completed registrations.
    pub registrations: u64,
    pub cancellations: u64,
    pub check_ins: u64,
}

/// Facts of one day in each local hour from 0 to 23.
#[derive(Clone, Debug, Default)]
pub struct HourlyCounts(pub [HourCounts; HOURS]);

impl HourlyCounts {
    /// Counts the facts of rows of one day.
    pub fn of<'a>(rows: impl IntoIterator<Item = RowRef<'a>>) -> Self {
        let mut counts = Self::default();
        for row in rows {
            for &(hour, facts) in row.hours() {
                counts.0[usize::from(hour)].add(row.kind(), facts.into());
            }
        }
        counts
    }
}

impl HourCounts {
    fn add(&mut self, kind: EventKind, facts: u64) {
        match kind {
            EventKind::View => self.views += facts,
            EventKind::Completed => self.registrations += facts,
            EventKind::Cancelled => self.cancellations += facts,
            EventKind::CheckIn => self.check_ins += facts,
            EventKind::Started | EventKind::Payment | EventKind::Refund => {}
        }
    }
}
