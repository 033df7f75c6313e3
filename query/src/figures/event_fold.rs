//! One event folded over a period, so that an organization is told from its events without their
//! rows: folds unite exactly, and that of an event holds as long as nothing of the event changes.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Kind, Row, Tally, tally::grouped};

/// Bytes that an entry of a map takes beside what is in it, about.
const ENTRY: usize = 48;

/// An event over a period, with all that a report needs of it and no more.
#[derive(Clone, Debug)]
pub struct EventFold {
    event_id: Uuid,
    tally: Tally,
    by_day: BTreeMap<NaiveDate, Tally>,
    by_source: BTreeMap<String, Tally>,
}

impl EventFold {
    /// The kinds whose visitors a report tells: of others no fold knows any.
    pub const VISITED: [Kind; 2] = [Kind::View, Kind::CheckIn];

    /// Folds the rows of one event.
    #[must_use]
    pub fn of(event_id: Uuid, rows: &[&Row]) -> Self {
        let tally = |rows: Vec<&Row>| Tally::of(rows, &[Kind::View]);
        let by_day = grouped(rows.iter().copied(), |row| row.day);
        let by_source = grouped(rows.iter().copied(), |row| row.source.as_str());
        let by_source: BTreeMap<String, Tally> = by_source
            .into_iter()
            .map(|(source, rows)| (source.to_owned(), tally(rows)))
            .collect();
        // Every view has a source, and there are fewer of them than of days.
        let viewers = Tally::united(&by_source.values().collect::<Vec<_>>(), &[Kind::View]);
        let viewers = viewers.visitors_of(Kind::View).clone();
        Self {
            event_id,
            tally: Tally::of(rows.iter().copied(), &[Kind::CheckIn])
                .with_visitors(Kind::View, viewers),
            by_day: by_day
                .into_iter()
                .map(|(day, rows)| (day, tally(rows)))
                .collect(),
            by_source,
        }
    }

    /// Adds other rows of the same event, folded.
    pub fn unite(&mut self, other: Self) {
        self.tally = Tally::united(&[&self.tally, &other.tally], &Self::VISITED);
        unite_each(&mut self.by_day, other.by_day);
        unite_each(&mut self.by_source, other.by_source);
    }

    /// The event.
    #[must_use]
    pub fn event_id(&self) -> Uuid {
        self.event_id
    }

    /// The days with facts.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.by_day.keys().copied()
    }

    /// Memory that it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let days = self.by_day.values().map(|tally| ENTRY + tally.bytes());
        let sources = self.by_source.iter();
        let sources = sources.map(|(source, tally)| ENTRY + source.len() + tally.bytes());
        size_of::<Self>() + self.tally.bytes() + days.sum::<usize>() + sources.sum::<usize>()
    }

    /// The event as a whole.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The day, if it has facts.
    pub(super) fn on(&self, day: NaiveDate) -> Option<&Tally> {
        self.by_day.get(&day)
    }

    /// The sources of its facts.
    pub(super) fn by_source(&self) -> &BTreeMap<String, Tally> {
        &self.by_source
    }
}

fn unite_each<K: Ord>(to: &mut BTreeMap<K, Tally>, from: BTreeMap<K, Tally>) {
    for (key, tally) in from {
        let united = to.entry(key).or_default();
        *united = Tally::united(&[&*united, &tally], &[Kind::View]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(day: &str, source: &str, visitors: &[i64]) -> Row {
        Row {
            event_id: Uuid::nil(),
            day: day.parse().unwrap(),
            kind: Kind::View,
            source: source.into(),
            ticket_type: String::new(),
            ticket_type_name: None,
            currency: String::new(),
            count: visitors.len() as u64,
            amount_cents: 0,
            visitors: visitors.iter().copied().collect(),
        }
    }

    #[test]
    fn folds_of_some_rows_each_unite_to_the_fold_of_all() {
        let rows = [
            views("2026-11-22", "direct", &[1, 2]),
            views("2026-11-22", "newsletter", &[2, 3]),
            views("2026-11-23", "direct", &[3, 4]),
        ];
        let mut united = EventFold::of(Uuid::nil(), &[&rows[0]]);
        united.unite(EventFold::of(Uuid::nil(), &[&rows[1], &rows[2]]));
        let told = |tally: &Tally| (tally.count(Kind::View), tally.visitors(Kind::View));
        assert_eq!(told(united.tally()), (6, 4));
        let days: Vec<_> = united.by_day.values().map(told).collect();
        assert_eq!(days, [(4, 3), (2, 2)]);
        let sources: Vec<_> = united.by_source.values().map(told).collect();
        assert_eq!(sources, [(4, 4), (2, 2)]);
        assert!(united.bytes() > size_of::<EventFold>());
    }
}
