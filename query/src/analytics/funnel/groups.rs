//! The funnel by traffic source, campaign, ticket type or day.

use std::collections::{BTreeMap, HashMap};

use analytics_shared::period::Period;
use chrono::NaiveDate;
use poem_openapi::Object;

use super::{people::FunnelPeople, steps::FunnelMetrics};
use crate::analytics::{
    aggregate::{Aggregate, aggregate_by},
    model::{CalendarDate, EventKind, PageRange, ResolvedFilter, RowRef, TicketTypeNames},
};

/// The facts that are grouped.
#[derive(Clone, Copy)]
pub struct GroupScope<'b, 'a> {
    /// All rows of the period.
    pub all: &'b [RowRef<'a>],
    /// The rows that match the filter.
    pub matching: &'b [RowRef<'a>],
    pub filter: &'b ResolvedFilter,
    /// The people of all of them.
    pub people: &'b FunnelPeople,
}

/// The dimension by which a funnel is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupBy {
    Source,
    /// `utm_campaign` of the page. The rows have it in the place of their source.
    UtmCampaign,
    TicketType,
    Day,
}

/// The funnel of one group. Of the first five fields, only those of the `groupBy` dimension can differ from
/// `null`.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelGroup {
    /// Traffic source.
    #[oai(nullable)]
    pub source: Option<String>,
    /// Campaign (`utm_campaign` of the page). Facts without a campaign are a group with `null`.
    #[oai(nullable)]
    pub utm_campaign: Option<String>,
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
    fn of(funnel: FunnelMetrics, incomplete: bool) -> Self {
        Self {
            source: None,
            utm_campaign: None,
            ticket_type_id: None,
            ticket_type_name: None,
            date: None,
            funnel,
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

/// A funnel by source, campaign, ticket type or day.
#[derive(Clone, Debug, Default, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct FunnelGroups {
    /// The funnel of each group: every day of the period, in order, or one page of the sources, campaigns or
    /// ticket types, most page views first; `null` without `groupBy`.
    #[oai(nullable)]
    pub groups: Option<Vec<FunnelGroup>>,
    /// Sum of the groups that `groups` does not list; `null` if it lists all.
    #[oai(nullable)]
    pub other_groups: Option<OtherGroups>,
}

impl FunnelGroups {
    /// Groups the facts of `scope`: by day, every day of the period, in order; else one page of the groups with facts
    /// of any step, ordered by the counts of the steps, the highest first. `names` are those of all rows of the
    /// event, `today` is the current date.
    pub fn of<'a>(
        scope: GroupScope<'_, 'a>,
        by: GroupBy,
        names: &TicketTypeNames<'a>,
        (period, today): (Period, NaiveDate),
        page: PageRange,
    ) -> Self {
        let incomplete = today <= period.to;
        match by {
            GroupBy::Day => Self {
                groups: Some(day_groups(scope, period, today)),
                other_groups: None,
            },
            GroupBy::Source | GroupBy::UtmCampaign => {
                let grouping = Grouping {
                    key: RowRef::source,
                    kinds: &[EventKind::View],
                    reached: |group: &Aggregate| {
                        scope
                            .people
                            .reached_from_views(group.visitor_set(EventKind::View))
                    },
                };
                grouping.largest(scope, page, |key, funnel| {
                    let is_campaign = by == GroupBy::UtmCampaign;
                    FunnelGroup {
                        source: (!is_campaign).then(|| key.to_owned()),
                        utm_campaign: (is_campaign && !key.is_empty()).then(|| key.to_owned()),
                        ..FunnelGroup::of(funnel, incomplete)
                    }
                })
            }
            GroupBy::TicketType => {
                let grouping = Grouping {
                    key: |row: RowRef<'a>| names.resolve(row.ticket_type()),
                    kinds: &[EventKind::Completed, EventKind::CheckIn],
                    reached: |group: &Aggregate| {
                        let visitors = |kind| group.visitor_set(kind);
                        let completed = visitors(EventKind::Completed);
                        scope
                            .people
                            .reached_to(completed, visitors(EventKind::CheckIn))
                    },
                };
                grouping.largest(scope, page, |key, funnel| {
                    let (id, name) = names.id_and_name(key);
                    FunnelGroup {
                        ticket_type_id: id.map(ToOwned::to_owned),
                        ticket_type_name: name.map(ToOwned::to_owned),
                        ..FunnelGroup::of(funnel, incomplete)
                    }
                })
            }
        }
    }
}

fn day_groups(scope: GroupScope<'_, '_>, period: Period, today: NaiveDate) -> Vec<FunnelGroup> {
    let matching = scope.matching.iter().copied();
    let aggregates = aggregate_by(matching, &EventKind::FUNNEL, RowRef::day);
    let mut rows = BTreeMap::<NaiveDate, Vec<RowRef<'_>>>::new();
    for &row in scope.all {
        rows.entry(row.day()).or_default().push(row);
    }
    let empty = Aggregate::default();
    let days = period.days().map(|day| {
        let rows = rows.get(&day).map(Vec::as_slice).unwrap_or_default();
        let reached = FunnelPeople::of(rows, scope.filter).reached();
        let funnel = FunnelMetrics::of(aggregates.get(&day).unwrap_or(&empty), reached);
        FunnelGroup {
            date: Some(CalendarDate(day)),
            ..FunnelGroup::of(funnel, today <= day)
        }
    });
    days.collect()
}

/// A grouping by source, campaign or ticket type.
struct Grouping<'b, K, R> {
    /// The group of a row.
    key: K,
    /// The kinds whose people differ between the groups; those of the other steps are the same for all.
    kinds: &'b [EventKind],
    /// Returns the people of each step, given the visitors of `kinds` in a group.
    reached: R,
}

impl<'a, K, R> Grouping<'_, K, R>
where
    K: Fn(RowRef<'a>) -> &'a str,
    R: Fn(&Aggregate) -> [u64; 4],
{
    /// Groups rows and lists one page. Only counts are computed for every group: visitors are merged for the
    /// listed ones, and once for all others.
    fn largest(
        &self,
        scope: GroupScope<'_, 'a>,
        page: PageRange,
        group: impl Fn(&'a str, FunnelMetrics) -> FunnelGroup,
    ) -> FunnelGroups {
        let mut counts = HashMap::<&str, [u64; 4]>::new();
        for &row in scope.matching.iter().filter(|row| row.count() > 0) {
            if let Some(step) = row.kind().funnel_step() {
                counts.entry((self.key)(row)).or_default()[step] += row.count();
            }
        }
        let mut groups: Vec<(&str, [u64; 4])> = counts.into_iter().collect();
        // Equal groups are in the order of their keys.
        let selection = page.select(&mut groups, |(key_a, a), (key_b, b)| {
            b.cmp(a).then_with(|| key_a.cmp(key_b))
        });
        let keys = (0..).zip(selection.listed).map(|(at, (key, _))| (*key, at));
        let listed: HashMap<&str, usize> = keys.collect();
        let is_of_step =
            |row: &RowRef<'a>| self.kinds.contains(&row.kind()) && scope.filter.matches_step(row);
        let rows = self.split(scope.matching.iter().copied(), &listed);
        let rows_of_step = self.split(scope.all.iter().copied().filter(is_of_step), &listed);
        let funnels = rows.into_iter().zip(rows_of_step).map(|(rows, of_step)| {
            let reached = (self.reached)(&Aggregate::of(of_step, self.kinds));
            FunnelMetrics::of(&rows.into_iter().collect(), reached)
        });
        let mut funnels: Vec<FunnelMetrics> = funnels.collect();
        let others = funnels.pop().filter(|_| selection.others_len() > 0);
        let groups = selection.listed.iter().zip(funnels);
        FunnelGroups {
            groups: Some(
                groups
                    .map(|(&(key, _), funnel)| group(key, funnel))
                    .collect(),
            ),
            other_groups: others.map(|funnel| OtherGroups {
                groups: selection.others_len(),
                funnel,
            }),
        }
    }

    /// Returns the rows of each listed group, and those of all others last.
    fn split(
        &self,
        rows: impl Iterator<Item = RowRef<'a>>,
        listed: &HashMap<&str, usize>,
    ) -> Vec<Vec<RowRef<'a>>> {
        let mut groups = vec![Vec::new(); listed.len() + 1];
        for row in rows {
            let at = listed.get((self.key)(row)).copied();
            groups[at.unwrap_or(listed.len())].push(row);
        }
        groups
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
        let filter = ResolvedFilter::default();
        let scope = GroupScope {
            all: &rows,
            matching: &rows,
            filter: &filter,
            people: &FunnelPeople::of(&rows, &filter),
        };
        FunnelGroups::of(scope, by, &TicketTypeNames::of(&rows), (period, to), page)
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
