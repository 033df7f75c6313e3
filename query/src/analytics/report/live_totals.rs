//! Live totals of one event.

use analytics_shared::period::Period;

use crate::analytics::{
    aggregate::{DailyMetrics, EventSummary},
    kpi::Totals,
    time::trim_to_first_fact,
};

/// Totals of an event up to the current day.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveTotals {
    /// Period from the first day with facts to the current day.
    pub period: Period,
    /// Totals over the period.
    pub totals: Totals,
    /// Metrics of the current day.
    pub today: DailyMetrics,
}

impl LiveTotals {
    /// Builds the totals of an event from its summary over `period`, which ends with the current day.
    pub fn of(summary: &EventSummary, period: Period) -> Self {
        Self {
            period: trim_to_first_fact(period, summary.dates()),
            totals: Totals::from(&summary.aggregates.total),
            today: summary.day(period.to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    use crate::analytics::{
        aggregate::RollupRows,
        model::{EventKind, RollupRow},
    };

    fn row(day: &str, kind: EventKind, count: u64, visitors: &[i64]) -> RollupRow<'static> {
        RollupRow {
            count,
            visitors: visitors.to_vec(),
            ..RollupRow::blank(day, kind)
        }
    }

    fn year() -> Period {
        Period::new("2026-01-01".parse().unwrap(), "2026-11-23".parse().unwrap()).unwrap()
    }

    fn live(rows: &[RollupRow<'_>]) -> LiveTotals {
        let rows: RollupRows = rows.iter().cloned().collect();
        let rows = rows.all();
        LiveTotals::of(&EventSummary::of_rows(Uuid::nil(), &rows), year())
    }

    #[test]
    fn the_present_day_is_told_apart_and_is_part_of_the_whole() {
        let rows = [
            row("2026-11-02", EventKind::View, 3, &[1, 2]),
            row("2026-11-23", EventKind::View, 2, &[2, 3]),
            row("2026-11-23", EventKind::CheckIn, 1, &[2]),
        ];
        let live = live(&rows);
        assert_eq!(live.period.from, "2026-11-02".parse().unwrap());
        let whole = &live.totals.metrics;
        assert_eq!((whole.total_views, whole.unique_views), (5, 3));
        assert_eq!(
            (live.today.counts.views, live.today.counts.unique_views),
            (2, 2)
        );
        assert_eq!((whole.checked_in, live.today.counts.check_ins), (1, 1));
    }

    #[test]
    fn an_event_without_facts_has_the_present_day_alone() {
        let live = live(&[]);
        assert_eq!(live.period.from, live.period.to);
        assert_eq!(live.today.date.0, live.period.to);
    }
}
