//! The funnel by traffic source, ticket type or day.

use std::{cmp::Reverse, sync::Arc};

use analytics_shared::period::Period;
use chrono::NaiveDate;
use poem_openapi::Object;

use super::steps::FunnelMetrics;
use crate::analytics::{
    aggregate::{Aggregate, aggregate_by},
    model::{CalendarDate, EventKind, RollupRow, TicketTypeNames},
};

/// The dimension by which a funnel is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupBy {
    Source,
    TicketType,
    Day,
}

/// The funnel of one group. Of the first four fields, only those of the `groupBy` dimension can differ from
/// `null`.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelGroup {
    /// Traffic source.
    #[oai(nullable)]
    pub source: Option<String>,
    /// Ticket type id. Facts without a ticket type are a group without id and name.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Ticket type name.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// Calendar day.
    #[oai(nullable)]
    pub date: Option<CalendarDate>,
    /// Funnel of the group.
    #[oai(flatten)]
    pub funnel: FunnelMetrics,
    /// Whether the day of the group, else the period, is not over yet.
    pub incomplete: bool,
}

impl FunnelGroup {
    fn of(aggregate: &Aggregate, incomplete: bool) -> Self {
        Self {
            source: None,
            ticket_type_id: None,
            ticket_type_name: None,
            date: None,
            funnel: FunnelMetrics::from(aggregate),
            incomplete,
        }
    }
}

/// Returns the funnel of every group: by day, every day of the period, in order; else every group with facts
/// of any step, ordered by the counts of the steps, the highest first. `names` are those of all rows of the
/// event, `today` is the current date.
pub fn funnel_groups<'a>(
    rows: &[&'a RollupRow],
    by: GroupBy,
    names: &TicketTypeNames<'a>,
    period: Period,
    today: NaiveDate,
) -> Vec<FunnelGroup> {
    let rows = rows.iter().copied();
    let kinds = &EventKind::FUNNEL;
    let incomplete = today <= period.to;
    let mut groups: Vec<_> = match by {
        GroupBy::Day => {
            let aggregates = aggregate_by(rows, kinds, |row| row.day);
            let empty = Aggregate::default();
            let days = period.days().map(|day| FunnelGroup {
                date: Some(CalendarDate(day)),
                ..FunnelGroup::of(aggregates.get(&day).unwrap_or(&empty), today <= day)
            });
            return days.collect();
        }
        GroupBy::Source => {
            let sources = aggregate_by(rows, kinds, |row| &row.source).into_iter();
            let group = |(source, aggregate): (&Arc<str>, _)| FunnelGroup {
                source: Some(source.to_string()),
                ..FunnelGroup::of(&aggregate, incomplete)
            };
            sources.map(group).collect()
        }
        GroupBy::TicketType => {
            let types = aggregate_by(rows, kinds, |row| names.resolve(&row.ticket_type));
            let group = |(key, aggregate)| {
                let (ticket_type_id, ticket_type_name) = names.id_and_name(key);
                FunnelGroup {
                    ticket_type_id,
                    ticket_type_name,
                    ..FunnelGroup::of(&aggregate, incomplete)
                }
            };
            types.into_iter().map(group).collect()
        }
    };
    groups.retain(|group| group.funnel.counts() != [0; 4]);
    // The sort is stable: equal groups stay in the order of their keys.
    groups.sort_by_key(|group| Reverse(group.funnel.counts()));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(day: &str, kind: EventKind, source: &str, ticket_type: &str, count: u64) -> RollupRow {
        RollupRow {
            source: source.into(),
            ticket_type: ticket_type.into(),
            ticket_type_name: (!ticket_type.is_empty()).then(|| "VIP".into()),
            count,
            ..RollupRow::blank(day, kind)
        }
    }

    fn groups(by: GroupBy) -> Vec<FunnelGroup> {
        let rows = [
            row("2026-11-21", EventKind::View, "direct", "", 2),
            row("2026-11-23", EventKind::View, "newsletter", "", 5),
            row("2026-11-23", EventKind::Completed, "newsletter", "vip-1", 1),
            row("2026-11-23", EventKind::Completed, "direct", "VIP", 1),
            row("2026-11-23", EventKind::Payment, "t.co", "vip-1", 1),
        ];
        let (from, to) = ("2026-11-21".parse().unwrap(), "2026-11-23".parse().unwrap());
        let period = Period::new(from, to).unwrap();
        let rows: Vec<_> = rows.iter().collect();
        funnel_groups(&rows, by, &TicketTypeNames::of(&rows), period, to)
    }

    #[test]
    fn sources_without_a_step_are_left_out_and_most_views_come_first() {
        let groups = groups(GroupBy::Source).into_iter();
        let groups: Vec<_> = groups
            .map(|group| (group.source.unwrap(), group.funnel.counts()))
            .collect();
        let expected = [
            ("newsletter".to_owned(), [5, 0, 1, 0]),
            ("direct".to_owned(), [2, 0, 1, 0]),
        ];
        assert_eq!(groups, expected);
    }

    #[test]
    fn a_name_alone_is_in_the_group_of_its_id() {
        let groups = groups(GroupBy::TicketType).into_iter();
        let groups: Vec<_> = groups
            .map(|group| {
                let counts = group.funnel.counts();
                (group.ticket_type_id, group.ticket_type_name, counts)
            })
            .collect();
        let expected = [
            (None, None, [7, 0, 0, 0]),
            (Some("vip-1".into()), Some("VIP".into()), [0, 0, 2, 0]),
        ];
        assert_eq!(groups, expected);
    }

    #[test]
    fn every_day_is_included() {
        let groups = groups(GroupBy::Day);
        let counts: Vec<_> = groups.iter().map(|group| group.funnel.counts()).collect();
        assert_eq!(counts, [[2, 0, 0, 0], [0; 4], [5, 0, 2, 0]]);
        let incomplete: Vec<_> = groups.iter().map(|group| group.incomplete).collect();
        assert_eq!(incomplete, [false, false, true]);
    }
}
