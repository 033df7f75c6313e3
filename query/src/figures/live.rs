//! What is told of an event while it is watched: the headline, and the present day apart.

use analytics_shared::period::Period;

use super::{DayFigures, Row, Tally, Totals, days::figures_of, starting_with_facts};

/// Live figures of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// From the first day with facts to the present one.
    pub period: Period,
    /// That period as a whole.
    pub totals: Totals,
    /// The present day.
    pub today: DayFigures,
}

impl Live {
    /// Folds the rows of one event. `period` ends with the present day.
    #[must_use]
    pub fn fold(rows: &[&Row], period: Period) -> Self {
        let today = rows.iter().copied().filter(|row| row.day == period.to);
        Self {
            period: starting_with_facts(period, rows.iter().map(|row| row.day)),
            totals: Totals::from(&rows.iter().copied().collect::<Tally>()),
            today: figures_of(period.to, &today.collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Kind;

    fn row(day: &str, kind: Kind, count: u64, visitors: &[i64]) -> Row {
        Row {
            count,
            visitors: visitors.iter().copied().collect(),
            ..Row::blank(day, kind)
        }
    }

    fn year() -> Period {
        Period::new("2026-01-01".parse().unwrap(), "2026-11-23".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_present_day_is_told_apart_and_is_part_of_the_whole() {
        let rows = [
            row("2026-11-02", Kind::View, 3, &[1, 2]),
            row("2026-11-23", Kind::View, 2, &[2, 3]),
            row("2026-11-23", Kind::CheckIn, 1, &[2]),
        ];
        let live = Live::fold(&rows.iter().collect::<Vec<_>>(), year());
        assert_eq!(live.period.from, "2026-11-02".parse().unwrap());
        let whole = &live.totals.headline;
        assert_eq!((whole.total_views, whole.unique_views), (5, 3));
        assert_eq!((live.today.views, live.today.unique_views), (2, 2));
        assert_eq!((whole.checked_in, live.today.check_ins), (1, 1));
    }

    #[test]
    fn an_event_without_facts_has_the_present_day_alone() {
        let live = Live::fold(&[], year());
        assert_eq!(live.period.from, live.period.to);
        assert_eq!(live.today.date, live.period.to);
    }
}
