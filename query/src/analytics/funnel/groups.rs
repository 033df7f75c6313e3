//! The funnel by traffic source, ticket type or day.

use std::collections::HashMap;

use analytics_shared::period::Period;
use chrono::NaiveDate;
use poem_openapi::Object;

use super::steps::FunnelMetrics;
use crate::analytics::{
    aggregate::{Aggregate, aggregate_by},
    model::{CalendarDate, EventKind, PageRange, RowRef, TicketTypeNames},
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

/// The sum of the groups that are not listed.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct OtherGroups {
    /// Number of these groups.
    pub groups: u64,
    /// Funnel of these groups; a visitor of several of them counts once.
    #[oai(flatten)]
    pub funnel: FunnelMetrics,
}

/// A funnel by source, ticket type or day.
#[derive(Clone, Debug, Default, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelGroups {
    /// The funnel of each group: every day of the period, in order, or one page of the sources or ticket
    /// types, most page views first; `null` without `groupBy`.
    #[oai(nullable)]
    pub groups: Option<Vec<FunnelGroup>>,
    /// Sum of the groups that `groups` does not list; `null` if it lists all.
    #[oai(nullable)]
    pub other_groups: Option<OtherGroups>,
}

impl FunnelGroups {
    /// Groups `rows`: by day, every day of the period, in order; else one page of the groups with facts of any
    /// step, ordered by the counts of the steps, the highest first. `names` are those of all rows of the event,
    /// `today` is the current date.
    pub fn of<'a>(
        rows: &[RowRef<'a>],
        by: GroupBy,
        names: &TicketTypeNames<'a>,
        (period, today): (Period, NaiveDate),
        page: PageRange,
    ) -> Self {
        let incomplete = today <= period.to;
        match by {
            GroupBy::Day => Self {
                groups: Some(day_groups(rows, period, today)),
                other_groups: None,
            },
            GroupBy::Source => largest(rows, RowRef::source, page, |source, aggregate| {
                FunnelGroup {
                    source: Some(source.to_owned()),
                    ..FunnelGroup::of(aggregate, incomplete)
                }
            }),
            GroupBy::TicketType => {
                let key = |row: RowRef<'a>| names.resolve(row.ticket_type());
                largest(rows, key, page, |key, aggregate| {
                    let (id, name) = names.id_and_name(key);
                    FunnelGroup {
                        ticket_type_id: id.map(ToOwned::to_owned),
                        ticket_type_name: name.map(ToOwned::to_owned),
                        ..FunnelGroup::of(aggregate, incomplete)
                    }
                })
            }
        }
    }
}

fn day_groups(rows: &[RowRef<'_>], period: Period, today: NaiveDate) -> Vec<FunnelGroup> {
    let aggregates = aggregate_by(rows.iter().copied(), &EventKind::FUNNEL, RowRef::day);
    let empty = Aggregate::default();
    let days = period.days().map(|day| FunnelGroup {
        date: Some(CalendarDate(day)),
        ..FunnelGroup::of(aggregates.get(&day).unwrap_or(&empty), today <= day)
    });
    days.collect()
}

/// Groups rows by `key` and lists one page. Only counts are computed for every group: visitors are merged for
/// the listed ones, and once for all others.
fn largest<'a>(
    rows: &[RowRef<'a>],
    key: impl Fn(RowRef<'a>) -> &'a str,
    page: PageRange,
    group: impl Fn(&'a str, &Aggregate) -> FunnelGroup,
) -> FunnelGroups {
    let mut counts = HashMap::<&str, [u64; 4]>::new();
    for &row in rows.iter().filter(|row| row.count() > 0) {
        if let Some(step) = row.kind().funnel_step() {
            counts.entry(key(row)).or_default()[step] += row.count();
        }
    }
    let mut groups: Vec<(&str, [u64; 4])> = counts.into_iter().collect();
    // Equal groups are in the order of their keys.
    let selection = page.select(&mut groups, |(key_a, a), (key_b, b)| {
        b.cmp(a).then_with(|| key_a.cmp(key_b))
    });
    let keys = (0..).zip(selection.listed).map(|(at, (key, _))| (*key, at));
    let listed: HashMap<&str, usize> = keys.collect();
    let (mut rows_of, mut others) = (vec![Vec::new(); listed.len()], Vec::new());
    for &row in rows {
        match listed.get(key(row)) {
            Some(&at) => rows_of[at].push(row),
            None => others.push(row),
        }
    }
    let groups = selection.listed.iter().zip(rows_of);
    let groups = groups.map(|(&(key, _), rows)| group(key, &rows.into_iter().collect()));
    FunnelGroups {
        groups: Some(groups.collect()),
        other_groups: (selection.others_len() > 0).then(|| OtherGroups {
            groups: selection.others_len(),
            funnel: FunnelMetrics::from(&others.into_iter().collect()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{aggregate::RollupRows, model::RollupRow};

    fn row(
        day: &str,
        kind: EventKind,
        source: &'static str,
        ticket_type: &'static str,
        count: u64,
    ) -> RollupRow<'static> {
        RollupRow {
            source: source.into(),
            ticket_type: ticket_type.into(),
            ticket_type_name: (!ticket_type.is_empty()).then(|| "VIP".into()),
            count,
            ..RollupRow::blank(day, kind)
        }
    }

    fn page_of_groups(by: GroupBy, size: u32) -> FunnelGroups {
        let rows = [
            row("2026-11-21", EventKind::View, "direct", "", 2),
            row("2026-11-23", EventKind::View, "newsletter", "", 5),
            row("2026-11-23", EventKind::Completed, "newsletter", "vip-1", 1),
            row("2026-11-23", EventKind::Completed, "direct", "VIP", 1),
            row("2026-11-23", EventKind::Payment, "t.co", "vip-1", 1),
        ];
        let (from, to) = ("2026-11-21".parse().unwrap(), "2026-11-23".parse().unwrap());
        let period = Period::new(from, to).unwrap();
        let rows: RollupRows = rows.into_iter().collect();
        let rows = rows.all();
        let page = PageRange { number: 0, size };
        FunnelGroups::of(&rows, by, &TicketTypeNames::of(&rows), (period, to), page)
    }

    fn groups(by: GroupBy) -> Vec<FunnelGroup> {
        let FunnelGroups {
            groups,
            other_groups,
        } = page_of_groups(by, 10);
        assert_eq!(other_groups, None);
        groups.unwrap()
    }

    #[test]
    fn the_groups_of_other_pages_are_summed_up() {
        let FunnelGroups {
            groups,
            other_groups,
        } = page_of_groups(GroupBy::Source, 1);
        let listed = groups.unwrap();
        assert_eq!(listed[0].source.as_deref(), Some("newsletter"));
        assert_eq!(listed.len(), 1);
        let others = other_groups.unwrap();
        assert_eq!((others.groups, others.funnel.counts()), (1, [2, 0, 1, 0]));
        assert_eq!(page_of_groups(GroupBy::Day, 1).groups.unwrap().len(), 3);
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
