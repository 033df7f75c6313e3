//! Days of events, from rows ordered by event and day: the rows of an export.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::analytics::{
    aggregate::{ActivityCounts, Aggregate},
    model::{DayTable, EventKind, Revenue, RollupRow},
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
pub struct EventDayAggregator(Option<(Uuid, DayTable)>);

impl EventDayAggregator {
    /// Adds a row; returns the previous day if the row starts another one.
    pub fn add(&mut self, row: RollupRow<'_>) -> Option<EventDay> {
        let day = (row.event_id, row.day);
        let is_other_day = |(event_id, table): &(Uuid, DayTable)| (*event_id, table.day) != day;
        let previous = if self.0.as_ref().is_some_and(is_other_day) {
            self.finish()
        } else {
            None
        };
        let current = self.0.get_or_insert_with(|| (day.0, DayTable::new(day.1)));
        current.1.push(row);
        previous
    }

    pub fn finish(&mut self) -> Option<EventDay> {
        let (event_id, table) = self.0.take()?;
        let aggregate: Aggregate = table.rows().collect();
        Some(EventDay {
            event_id,
            date: table.day,
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

    fn views(event: u128, day: &str, visitors: &[i64]) -> RollupRow<'static> {
        RollupRow {
            event_id: Uuid::from_u128(event),
            count: visitors.len() as u64,
            visitors: visitors.to_vec(),
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
