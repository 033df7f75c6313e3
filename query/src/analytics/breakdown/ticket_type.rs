//! Figures by ticket type.
//!
//! Not every producer knows the id of a ticket type: the platform's messages often carry its name
//! alone. Facts that name a type are therefore counted with the id of that name, where exactly one
//! id has it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::NaiveDate;

use super::{Kind, Row, tally::tally_by};

/// One ticket type; both `None` for what was registered without any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketTypeFigures {
    /// Its id, where any fact told it.
    pub ticket_type_id: Option<String>,
    /// The name that it had last.
    pub ticket_type_name: Option<String>,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// A ticket type among those who came from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTicketTypeFigures {
    /// The source.
    pub source: String,
    /// The ticket type.
    pub figures: TicketTypeFigures,
}

/// Every ticket type of one event that anything was registered with, most registrations first.
pub(super) fn by_ticket_type<'a>(rows: &[&'a Row], names: &Names<'a>) -> Vec<TicketTypeFigures> {
    let tallies = tally_by(rows.iter().copied(), &[], |row| {
        names.resolve(&row.ticket_type)
    });
    let mut types: Vec<_> = tallies
        .into_iter()
        .map(|(key, tally)| {
            let (ticket_type_id, ticket_type_name) = names.id_and_name(key);
            TicketTypeFigures {
                ticket_type_id,
                ticket_type_name,
                registrations: tally.count(Kind::Completed),
                cancellations: tally.count(Kind::Cancelled),
                check_ins: tally.count(Kind::CheckIn),
            }
        })
        .filter(|one| one.registrations + one.cancellations + one.check_ins > 0)
        .collect();
    types.sort_by(|a, b| {
        let order = |one: &TicketTypeFigures| Reverse(one.registrations);
        (order(a), &a.ticket_type_name, &a.ticket_type_id).cmp(&(
            order(b),
            &b.ticket_type_name,
            &b.ticket_type_id,
        ))
    });
    types
}

/// The same for each source, in the order of their names.
pub(super) fn by_source_and_ticket_type<'a>(
    rows: &[&'a Row],
    names: &Names<'a>,
) -> Vec<SourceTicketTypeFigures> {
    let mut sources = BTreeMap::<&str, Vec<&Row>>::new();
    for row in rows {
        sources.entry(&row.source).or_default().push(row);
    }
    let of_source = |(source, rows): (&str, Vec<&Row>)| {
        let types = by_ticket_type(&rows, names).into_iter();
        let with_source = |figures| SourceTicketTypeFigures {
            source: source.to_owned(),
            figures,
        };
        types.map(with_source).collect::<Vec<_>>()
    };
    sources.into_iter().flat_map(of_source).collect()
}

/// What the keys of ticket types are called. Whatever part of the facts is counted, all of a period say
/// so together: a type is not another one because only one source is asked for.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    /// The name of each key on its latest day.
    last: BTreeMap<&'a str, &'a str>,
    /// The id of each name that exactly one id has.
    id_of: BTreeMap<&'a str, &'a str>,
    /// Keys that only views and starts have, who say that they are names.
    claimed: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    /// What `rows` call them.
    #[must_use]
    pub fn of(rows: &[&'a Row]) -> Self {
        let mut latest = BTreeMap::<&str, (NaiveDate, &str)>::new();
        // Views and starts are taken from anybody: what they say names nothing.
        let told_by_us = |row: &&Row| !matches!(row.kind, Kind::View | Kind::Started);
        for row in rows
            .iter()
            .copied()
            .filter(told_by_us)
            .filter(|row| !row.ticket_type.is_empty())
        {
            if let Some(name) = row.ticket_type_name.as_deref() {
                let told = (row.day, name);
                let known = latest.entry(&row.ticket_type).or_insert(told);
                *known = told.max(*known);
            }
        }
        let last: BTreeMap<_, _> = latest
            .into_iter()
            .map(|(key, (_, name))| (key, name))
            .collect();
        let mut ids = BTreeMap::<&str, Vec<&str>>::new();
        for (&key, &name) in last.iter().filter(|(key, name)| key != name) {
            ids.entry(name).or_default().push(key);
        }
        let id_of = ids.into_iter().filter_map(|(name, ids)| match ids[..] {
            [id] => Some((name, id)),
            _ => None,
        });
        let known: BTreeSet<_> = keys_of(rows, &told_by_us).collect();
        let is_name = |row: &&Row| row.ticket_type_name.as_ref() == Some(&row.ticket_type);
        let claimed = keys_of(rows, &is_name).filter(|key| !known.contains(key));
        Self {
            id_of: id_of.collect(),
            last,
            claimed: claimed.collect(),
        }
    }

    /// Whether `name` is the id or the name of the ticket type that facts of `key` are counted with.
    pub(super) fn is_called(&self, key: &'a str, name: &str) -> bool {
        let key = self.resolve(key);
        key == name || self.last.get(key).is_some_and(|last| *last == name)
    }

    /// What a key that facts are counted with stands for.
    pub(super) fn id_and_name(&self, key: &str) -> (Option<String>, Option<String>) {
        let claimed = self.claimed.get(key);
        let name = self.last.get(key).or(claimed);
        let id = self.is_id(key).then(|| key.to_owned());
        (id, name.map(|&name| name.to_owned()))
    }

    /// Whether the key is an id: not empty, and not a name that stands in for one.
    fn is_id(&self, key: &str) -> bool {
        let is_name = self
            .last
            .get(key)
            .map_or(self.claimed.contains(key), |&name| name == key);
        !key.is_empty() && !is_name
    }

    /// The key that facts of `key` are counted with.
    pub(super) fn resolve(&self, key: &'a str) -> &'a str {
        match self.id_of.get(key) {
            Some(id) if !self.is_id(key) => id,
            _ => key,
        }
    }
}

fn keys_of<'a>(
    rows: &[&'a Row],
    matching: &impl Fn(&&Row) -> bool,
) -> impl Iterator<Item = &'a str> {
    let rows = rows.iter().copied().filter(|row| matching(row));
    rows.map(|row| &*row.ticket_type)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn registered(day: &str, ticket_type: &str, name: Option<&str>) -> Row {
        Row {
            event_id: Uuid::from_u128(1),
            ticket_type: ticket_type.into(),
            ticket_type_name: name.map(Into::into),
            count: 1,
            ..Row::blank(day, Kind::Completed)
        }
    }

    fn summary(rows: &[Row]) -> Vec<(String, String, u64)> {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".into());
        {
            let rows: Vec<_> = rows.iter().collect();
            by_ticket_type(&rows, &Names::of(&rows))
        }
        .into_iter()
        .map(|one| {
            (
                or_none(one.ticket_type_id),
                or_none(one.ticket_type_name),
                one.registrations,
            )
        })
        .collect()
    }

    #[test]
    fn a_name_alone_is_counted_with_the_only_id_of_that_name() {
        let rows = [
            registered("2026-11-01", "vip-1", Some("VIP")),
            registered("2026-11-02", "VIP", Some("VIP")),
        ];
        assert_eq!(summary(&rows), [("vip-1".into(), "VIP".into(), 2)]);
    }

    #[test]
    fn a_name_of_two_ids_stays_apart_from_both() {
        let rows = [
            registered("2026-11-01", "vip-1", Some("VIP")),
            registered("2026-11-01", "vip-2", Some("VIP")),
            registered("2026-11-02", "VIP", Some("VIP")),
        ];
        let expected = [
            ("none".into(), "VIP".into(), 1),
            ("vip-1".into(), "VIP".into(), 1),
            ("vip-2".into(), "VIP".into(), 1),
        ];
        assert_eq!(summary(&rows), expected);
    }

    #[test]
    fn a_renamed_type_has_its_last_name_whatever_the_order_of_rows() {
        let rows = [
            registered("2026-11-05", "vip-1", Some("Gold")),
            registered("2026-11-01", "vip-1", Some("VIP")),
            registered("2026-11-06", "vip-1", None),
        ];
        assert_eq!(summary(&rows), [("vip-1".into(), "Gold".into(), 3)]);
    }

    #[test]
    fn a_registration_without_a_type_has_neither_id_nor_name() {
        assert_eq!(
            summary(&[registered("2026-11-05", "", None)]),
            [("none".into(), "none".into(), 1)]
        );
    }
}
