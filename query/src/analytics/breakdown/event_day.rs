//! Days of events, from rows ordered by event and day: the rows of an export.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::analytics::{
    aggregate::{ActivityCounts, Aggregate},
    model::{EventKind, Revenue, RollupRow},
};

/// Metrics of one event and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDay {
    pub event_id: Uuid,
    pub date: NaiveDate,
    /// Activity of the day.
    pub counts: ActivityCounts,
    pub registrations_started: u64,
    pub payments: u64,
    pub refunds: u64,
    pub revenue: Vec<Revenue>,
}

/// Aggregates ordered rows to days, with the rows of one day in memory at a time.
#[derive(Debug, Default)]
pub struct EventDayAggregator(Vec<RollupRow>);

impl EventDayAggregator {
    /// Adds a row; returns the previous day if the row starts another one.
    pub fn add(&mut self, row: RollupRow) -> Option<EventDay> {
        let is_other_day = |last: &RollupRow| (last.event_id, last.day) != (row.event_id, row.day);
        let previous = if self.0.last().is_some_and(is_other_day) {
            self.finish()
        } else {
            None
        };
        self.0.push(row);
        previous
    }

    pub fn finish(&mut self) -> Option<EventDay> {
        let rows = std::mem::take(&mut self.0);
        let first = rows.first()?;
        let aggregate: Aggregate = rows.iter().collect();
        Some(EventDay {
            event_id: first.event_id,
            date: first.day,
            counts: ActivityCounts::from(&aggregate),
            registrations_started: aggregate.count(EventKind::Started),
            payments: aggregate.count(EventKind::Payment),
            refunds: aggregate.count(EventKind::Refund),
            revenue: aggregate.revenue(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(event: u128, day: &str, visitors: &[i64]) -> RollupRow {
        RollupRow {
            event_id: Uuid::from_u128(event),
            count: visitors.len() as u64,
            visitors: visitors.iter().copied().collect(),
            ..RollupRow::blank(day, EventKind::View)
        }
    }

    #[test]
    fn rows_of_a_day_are_folded_and_the_next_day_begins_anew() {
        let rows = [
            views(1, "2026-11-22", &[1, 2]),
            views(1, "2026-11-22", &[2]),
            views(1, "2026-11-23", &[2]),
            views(2, "2026-11-23", &[2, 3]),
        ];
        let mut days = EventDayAggregator::default();
        let mut folded: Vec<_> = rows.into_iter().filter_map(|row| days.add(row)).collect();
        folded.extend(days.finish());
        let figures: Vec<_> = folded
            .iter()
            .map(|day| {
                (
                    day.event_id.as_u128(),
                    day.counts.views,
                    day.counts.unique_views,
                )
            })
            .collect();
        assert_eq!(figures, [(1, 3, 2), (1, 1, 1), (2, 2, 2)]);
        assert_eq!(days.finish(), None);
    }
}
