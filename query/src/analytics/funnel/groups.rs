//! The funnel, told apart by where people came from, what they registered for, or when.

use std::cmp::Reverse;

use analytics_shared::period::Period;
use chrono::NaiveDate;

use super::{Funnel, Names, Row, Tally, tally::tally_by};

/// By what a funnel is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// By traffic source.
    Source,
    /// By ticket type.
    TicketType,
    /// By calendar day.
    Day,
}

/// What the facts of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// The traffic source.
    Source(String),
    /// The ticket type's id and its name, as far as they are known.
    TicketType(Option<String>, Option<String>),
    /// The day.
    Day(NaiveDate),
}

/// Every group with its funnel. Days are all days of the period, in order; other groups those with facts
/// of any step, most of the first step first, then of the next. `names` are those of all rows of the event.
#[must_use]
pub fn funnel_groups<'a>(
    rows: &[&'a Row],
    by: GroupBy,
    names: &Names<'a>,
    period: Period,
) -> Vec<(Group, Funnel)> {
    let rows = rows.iter().copied();
    let groups = match by {
        GroupBy::Day => {
            let tallies = tally_by(rows, &Funnel::STEPS, |row| row.day);
            let nothing = Tally::default();
            let days = period.days().map(|day| {
                let tally = tallies.get(&day).unwrap_or(&nothing);
                (Group::Day(day), Funnel::from(tally))
            });
            return days.collect();
        }
        GroupBy::Source => {
            let tallies = tally_by(rows, &Funnel::STEPS, |row| &row.source).into_iter();
            let groups = tallies.map(|(source, tally)| (Group::Source(source.to_string()), tally));
            groups.collect::<Vec<_>>()
        }
        GroupBy::TicketType => {
            let tallies =
                tally_by(rows, &Funnel::STEPS, |row| names.resolve(&row.ticket_type)).into_iter();
            let groups = tallies.map(|(key, tally)| {
                let (id, name) = names.id_and_name(key);
                (Group::TicketType(id, name), tally)
            });
            groups.collect()
        }
    };
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|(group, tally)| (group, Funnel::from(&tally)))
        .filter(|(_, funnel)| funnel.steps.iter().any(|step| step.count > 0))
        .collect();
    // Stable: groups that are equal stay in the order of their keys.
    groups.sort_by_key(|(_, funnel)| Reverse(funnel.steps.each_ref().map(|step| step.count)));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Kind;

    fn row(day: &str, kind: Kind, source: &str, ticket_type: &str, count: u64) -> Row {
        Row {
            source: source.into(),
            ticket_type: ticket_type.into(),
            ticket_type_name: (!ticket_type.is_empty()).then(|| "VIP".into()),
            count,
            ..Row::blank(day, kind)
        }
    }

    fn groups(by: GroupBy) -> Vec<(Group, [u64; 4])> {
        let rows = [
            row("2026-11-21", Kind::View, "direct", "", 2),
            row("2026-11-23", Kind::View, "newsletter", "", 5),
            row("2026-11-23", Kind::Completed, "newsletter", "vip-1", 1),
            row("2026-11-23", Kind::Completed, "direct", "VIP", 1),
            row("2026-11-23", Kind::Payment, "t.co", "vip-1", 1),
        ];
        let (from, to) = ("2026-11-21".parse().unwrap(), "2026-11-23".parse().unwrap());
        let period = Period::new(from, to).unwrap();
        let rows: Vec<_> = rows.iter().collect();
        let groups = funnel_groups(&rows, by, &Names::of(&rows), period).into_iter();
        let counts = |funnel: Funnel| funnel.steps.map(|step| step.count);
        groups
            .map(|(group, funnel)| (group, counts(funnel)))
            .collect()
    }

    #[test]
    fn sources_without_a_step_are_left_out_and_most_views_come_first() {
        let source = |name: &str| Group::Source(name.into());
        let expected = [
            (source("newsletter"), [5, 0, 1, 0]),
            (source("direct"), [2, 0, 1, 0]),
        ];
        assert_eq!(groups(GroupBy::Source), expected);
    }

    #[test]
    fn a_name_alone_is_in_the_group_of_its_id() {
        let expected = [
            (Group::TicketType(None, None), [7, 0, 0, 0]),
            (
                Group::TicketType(Some("vip-1".into()), Some("VIP".into())),
                [0, 0, 2, 0],
            ),
        ];
        assert_eq!(groups(GroupBy::TicketType), expected);
    }

    #[test]
    fn every_day_is_there() {
        let counts: Vec<_> = groups(GroupBy::Day)
            .into_iter()
            .map(|(_, counts)| counts)
            .collect();
        assert_eq!(counts, [[2, 0, 0, 0], [0; 4], [5, 0, 2, 0]]);
    }
}
