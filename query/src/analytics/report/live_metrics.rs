//! What is told of an event while it is watched: the headline, and the present day apart.

use analytics_shared::period::Period;

use super::{DayFigures, EventSummary, Tally, Totals, days::figures_of, starting_with_facts};

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
    /// The live figures of an event whose `period` ends with the present day.
    #[must_use]
    pub fn of(summary: &EventSummary, period: Period) -> Self {
        let today = summary.days().last().filter(|day| day.day() == period.to);
        Self {
            period: starting_with_facts(period, summary.dates()),
            totals: Totals::from(&summary.sums().total),
            today: today.map_or_else(
                || figures_of(period.to, &Tally::default()),
                |today| today.figures(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    use crate::figures::{Kind, Row};

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

    fn live(rows: &[Row]) -> Live {
        let rows: Vec<_> = rows.iter().collect();
        Live::of(&EventSummary::of_rows(Uuid::nil(), &rows), year())
    }

    #[test]
    fn the_present_day_is_told_apart_and_is_part_of_the_whole() {
        let rows = [
            row("2026-11-02", Kind::View, 3, &[1, 2]),
            row("2026-11-23", Kind::View, 2, &[2, 3]),
            row("2026-11-23", Kind::CheckIn, 1, &[2]),
        ];
        let live = live(&rows);
        assert_eq!(live.period.from, "2026-11-02".parse().unwrap());
        let whole = &live.totals.headline;
        assert_eq!((whole.total_views, whole.unique_views), (5, 3));
        assert_eq!((live.today.views, live.today.unique_views), (2, 2));
        assert_eq!((whole.checked_in, live.today.check_ins), (1, 1));
    }

    #[test]
    fn an_event_without_facts_has_the_present_day_alone() {
        let live = live(&[]);
        assert_eq!(live.period.from, live.period.to);
        assert_eq!(live.today.date, live.period.to);
    }
}
