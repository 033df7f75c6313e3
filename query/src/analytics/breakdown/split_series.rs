//! Activity over time, split by traffic source or ticket type.

use std::{cmp::Reverse, collections::BTreeMap};

use poem_openapi::Object;

use crate::analytics::{
    model::{EventKind, RowRef, TicketTypeNames},
    time::TimeBucket,
};

/// The number of series beside that of all others.
const MAX_SERIES: usize = 8;

/// The dimension by which a series is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SplitBy {
    Source,
    TicketType,
}

/// The time buckets of one traffic source or ticket type, or of all others.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct SplitSeries {
    /// Traffic source.
    #[oai(nullable)]
    pub source: Option<String>,
    /// Ticket type id. Facts without a ticket type are a series without id and name.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Ticket type name.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// Whether this is the sum of all that have no series of their own.
    pub is_other: bool,
    /// Time buckets of the period.
    pub series: Vec<TimeBucket>,
}

impl SplitSeries {
    /// Splits `rows`: the sources with most views, or the ticket types with most registrations, and the sum of the
    /// others, if there are any. `buckets` divides rows into time buckets.
    pub fn of<'a>(
        rows: &[RowRef<'a>],
        by: SplitBy,
        names: &TicketTypeNames<'a>,
        buckets: impl Fn(&[RowRef<'a>]) -> Vec<TimeBucket>,
    ) -> Vec<Self> {
        let mut groups = BTreeMap::<&str, Vec<RowRef<'a>>>::new();
        for row in rows {
            let key = match by {
                SplitBy::Source => row.source(),
                SplitBy::TicketType => names.resolve(row.ticket_type()),
            };
            groups.entry(key).or_default().push(*row);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(key, rows)| (Reverse(by.size(rows)), *key));
        let others = groups.split_off(groups.len().min(MAX_SERIES));
        let mut series: Vec<_> = groups
            .into_iter()
            .map(|(key, rows)| by.series(key, names, buckets(&rows)))
            .collect();
        if !others.is_empty() {
            let rows: Vec<_> = others.into_iter().flat_map(|(_, rows)| rows).collect();
            series.push(Self {
                source: None,
                ticket_type_id: None,
                ticket_type_name: None,
                is_other: true,
                series: buckets(&rows),
            });
        }
        series
    }
}

impl SplitBy {
    /// Returns the number of facts by which groups are ordered, and those of all kinds.
    fn size(self, rows: &[RowRef<'_>]) -> (u64, u64) {
        let kind = match self {
            Self::Source => EventKind::View,
            Self::TicketType => EventKind::Completed,
        };
        let counted = rows.iter().filter(|row| row.kind() == kind);
        let sum = |count: u64, row: &RowRef<'_>| count + row.count();
        (counted.fold(0, sum), rows.iter().fold(0, sum))
    }

    fn series<'a>(
        self,
        key: &'a str,
        names: &TicketTypeNames<'a>,
        series: Vec<TimeBucket>,
    ) -> SplitSeries {
        let (id, name) = match self {
            Self::Source => (None, None),
            Self::TicketType => names.id_and_name(key),
        };
        SplitSeries {
            source: (self == Self::Source).then(|| key.to_owned()),
            ticket_type_id: id.map(str::to_owned),
            ticket_type_name: name.map(str::to_owned),
            is_other: false,
            series,
        }
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::period::Period;

    use super::*;
    use crate::analytics::{
        RollupRows, TimeZoneRules, model::RollupRow, time::CalendarUnit, time::calendar_buckets,
    };

    #[test]
    fn the_largest_sources_have_a_series_and_the_others_one_together() {
        let view = |source: u64, visitor: i64| RollupRow {
            source: format!("source-{source:02}").into(),
            count: source,
            visitors: vec![visitor],
            ..RollupRow::blank("2026-11-01", EventKind::View)
        };
        let rows: RollupRows = (1..=11).map(|source| view(source, 7)).collect();
        let rows = rows.all();
        let day = "2026-11-01".parse().unwrap();
        let period = Period::new(day, day).unwrap();
        let utc = TimeZoneRules::new(chrono_tz::Tz::UTC, Vec::new());
        let names = TicketTypeNames::of(&rows);
        let series = SplitSeries::of(&rows, SplitBy::Source, &names, |rows| {
            calendar_buckets(rows, period, CalendarUnit::Day, &utc, day)
        });
        let sources: Vec<_> = series.iter().map(|one| one.source.clone()).collect();
        let expected = (4..=11)
            .rev()
            .map(|source| Some(format!("source-{source:02}")));
        assert_eq!(sources, expected.chain([None]).collect::<Vec<_>>());
        let other = series.last().unwrap();
        let counts = &other.series[0].counts;
        assert!(other.is_other && series[..8].iter().all(|one| !one.is_other));
        // One visitor of three sources.
        assert_eq!((counts.views, counts.unique_views), (1 + 2 + 3, 1));
    }
}
