//! One event folded over a period, so that an organization is told from its events without their
//! rows: folds unite exactly, and that of an event holds as long as nothing of the event changes.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use uuid::Uuid;

use super::{DayFold, Kind, Rows, Tally, tally::grouped};

/// Bytes that an entry of a map takes beside what is in it, about.
const ENTRY: usize = 48;

/// An event over a period, with all that a report needs of it and no more.
#[derive(Clone, Debug)]
pub struct EventFold {
    event_id: Uuid,
    tally: Tally,
    by_day: BTreeMap<NaiveDate, Arc<DayFold>>,
    by_source: BTreeMap<String, Tally>,
}

impl EventFold {
    /// The kinds whose visitors a report tells: of others no fold knows any.
    pub const VISITED: [Kind; 2] = [Kind::View, Kind::CheckIn];

    /// Folds the rows of one event.
    #[must_use]
    pub fn of(event_id: Uuid, rows: &Rows) -> Self {
        let mut by_day = BTreeMap::new();
        for (&day, fold) in rows.days() {
            add_day(&mut by_day, day, Arc::clone(fold));
        }
        let rows = rows.all();
        let by_source = grouped(rows.iter().copied(), |row| row.source.as_str());
        let by_source: BTreeMap<String, Tally> = by_source
            .into_iter()
            .map(|(source, rows)| (source.to_owned(), Tally::of(rows, &[Kind::View])))
            .collect();
        // Every view has a source, and there are fewer of them than of days.
        let sources: Vec<_> = by_source.values().collect();
        let viewers = Tally::united(&sources, &[Kind::View]);
        let viewers = viewers.visitors_of(Kind::View).clone();
        Self {
            event_id,
            tally: Tally::of(rows, &[Kind::CheckIn]).with_visitors(Kind::View, viewers),
            by_day,
            by_source,
        }
    }

    /// Adds other rows of the same event, folded.
    pub fn unite(&mut self, other: Self) {
        self.tally = Tally::united(&[&self.tally, &other.tally], &Self::VISITED);
        for (day, fold) in other.by_day {
            add_day(&mut self.by_day, day, fold);
        }
        for (source, tally) in other.by_source {
            let united = self.by_source.entry(source).or_default();
            *united = Tally::united(&[&*united, &tally], &[Kind::View]);
        }
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
        let days = self.by_day.values().map(|fold| ENTRY + fold.bytes());
        let sources = self.by_source.iter();
        let sources = sources.map(|(source, tally)| ENTRY + source.len() + tally.bytes());
        size_of::<Self>() + self.tally.bytes() + days.sum::<usize>() + sources.sum::<usize>()
    }

    /// The event as a whole.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The days with facts.
    pub(super) fn by_day(&self) -> &BTreeMap<NaiveDate, Arc<DayFold>> {
        &self.by_day
    }

    /// The sources of its facts.
    pub(super) fn by_source(&self) -> &BTreeMap<String, Tally> {
        &self.by_source
    }
}

fn add_day(days: &mut BTreeMap<NaiveDate, Arc<DayFold>>, day: NaiveDate, fold: Arc<DayFold>) {
    let united = match days.get(&day) {
        Some(known) => Arc::new(known.united(&fold)),
        None => fold,
    };
    days.insert(day, united);
}

#[cfg(test)]
mod tests {
    use analytics_shared::period::Period;

    use super::*;
    use crate::figures::{Piece, Row, UnitedDays};

    fn views(day: &str, source: &str, visitors: &[i64]) -> Row {
        Row {
            source: source.into(),
            count: visitors.len() as u64,
            visitors: visitors.iter().copied().collect(),
            ..Row::blank(day, Kind::View)
        }
    }

    #[test]
    fn folds_of_some_rows_each_unite_to_the_fold_of_all() {
        let rows = [
            views("2026-11-22", "direct", &[1, 2]),
            views("2026-11-22", "newsletter", &[2, 3]),
            views("2026-11-23", "direct", &[3, 4]),
        ];
        let [first, second, third] = rows;
        let fold = |rows| EventFold::of(Uuid::nil(), &Piece::of(rows).into());
        let mut united = fold(vec![first]);
        united.unite(fold(vec![second, third]));
        let told = |tally: &Tally| (tally.count(Kind::View), tally.visitors(Kind::View));
        assert_eq!(told(united.tally()), (6, 4));
        let days = UnitedDays::of(&[Arc::new(united.clone())], &UnitedDays::default());
        let period = Period::new("2026-11-22".parse().unwrap(), "2026-11-23".parse().unwrap());
        let days = days.each(period.unwrap());
        let days = days.iter().map(|day| (day.views, day.unique_views));
        assert!(days.eq([(4, 3), (2, 2)]));
        let sources: Vec<_> = united.by_source.values().map(told).collect();
        assert_eq!(sources, [(4, 4), (2, 2)]);
        assert!(united.bytes() > size_of::<EventFold>());
    }
}
