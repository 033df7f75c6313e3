//! Days of events one after the other, from rows that come by event and day: what a file has a row for.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Kind, Revenue, Row, Tally};

/// A day of an event that has facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDay {
    /// The event.
    pub event_id: Uuid,
    /// The day.
    pub date: NaiveDate,
    /// Page views.
    pub views: u64,
    /// Distinct visitors of them.
    pub unique_views: u64,
    /// Registrations that were begun.
    pub registrations_started: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
    /// Payments.
    pub payments: u64,
    /// Refunds.
    pub refunds: u64,
    /// Their sums, by currency.
    pub revenue: Vec<Revenue>,
}

/// Folds rows into days, holding one day at a time.
#[derive(Debug, Default)]
pub struct EventDays(Vec<Row>);

impl EventDays {
    /// Adds a row; returns the day before, once a row of another one comes.
    pub fn add(&mut self, row: Row) -> Option<EventDay> {
        let is_another = |last: &Row| (last.event_id, last.day) != (row.event_id, row.day);
        let before = if self.0.last().is_some_and(is_another) {
            self.end()
        } else {
            None
        };
        self.0.push(row);
        before
    }

    /// The last day.
    pub fn end(&mut self) -> Option<EventDay> {
        let rows = std::mem::take(&mut self.0);
        let first = rows.first()?;
        let (event_id, date) = (first.event_id, first.day);
        let tally: Tally = rows.iter().collect();
        Some(EventDay {
            event_id,
            date,
            views: tally.count(Kind::View),
            unique_views: tally.visitors(Kind::View),
            registrations_started: tally.count(Kind::Started),
            registrations: tally.count(Kind::Completed),
            cancellations: tally.count(Kind::Cancelled),
            check_ins: tally.count(Kind::CheckIn),
            payments: tally.count(Kind::Payment),
            refunds: tally.count(Kind::Refund),
            revenue: tally.revenue(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(event: u128, day: &str, visitors: &[i64]) -> Row {
        Row {
            event_id: Uuid::from_u128(event),
            count: visitors.len() as u64,
            visitors: visitors.iter().copied().collect(),
            ..Row::blank(day, Kind::View)
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
        let mut days = EventDays::default();
        let mut folded: Vec<_> = rows.into_iter().filter_map(|row| days.add(row)).collect();
        folded.extend(days.end());
        let figures: Vec<_> = folded
            .iter()
            .map(|day| (day.event_id.as_u128(), day.views, day.unique_views))
            .collect();
        assert_eq!(figures, [(1, 3, 2), (1, 1, 1), (2, 2, 2)]);
        assert_eq!(days.end(), None);
    }
}
