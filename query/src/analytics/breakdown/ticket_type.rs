//! Metrics by ticket type.

use std::{
    cmp::{Ordering, Reverse},
    collections::HashMap,
    hash::Hash,
    iter::Sum,
};

use poem_openapi::Object;

use crate::analytics::model::{EventKind, PageRange, RowRef, TicketTypeNames};

/// Counts of the facts of a ticket type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketCounts {
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// Metrics of one ticket type.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketTypeMetrics {
    /// Id of the ticket type; `null` if no fact has it.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Latest name of the ticket type; `null` if no fact has one. Id and name are both `null` for facts
    /// without a ticket type.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// Counts of the ticket type.
    #[oai(flatten)]
    pub counts: TicketCounts,
}

/// The sum of the ticket types that are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct OtherTicketTypes {
    /// Number of these ticket types.
    pub ticket_types: u64,
    /// Sum of their counts.
    #[oai(flatten)]
    pub counts: TicketCounts,
}

/// Metrics of one ticket type and traffic source.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
pub struct SourceTicketTypeMetrics {
    /// Traffic source.
    pub source: String,
    /// Metrics of the ticket type.
    #[oai(flatten)]
    pub metrics: TicketTypeMetrics,
}

/// The sum of the pairs of traffic source and ticket type that are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct OtherSourceTicketTypes {
    /// Number of these pairs.
    pub pairs: u64,
    /// Sum of their counts.
    #[oai(flatten)]
    pub counts: TicketCounts,
}

/// Returns the metrics of one page of the ticket types with registrations, cancellations or check-ins, most
/// registrations first, and the sum of the others.
pub(super) fn by_ticket_type<'a>(
    rows: &[RowRef<'a>],
    names: &TicketTypeNames<'a>,
    page: PageRange,
) -> (Vec<TicketTypeMetrics>, Option<OtherTicketTypes>) {
    let types = count_by(rows, |row| names.resolve(row.ticket_type())).into_iter();
    let mut types: Vec<_> = types
        .map(|(key, counts)| NamedCounts::new(key, counts, names))
        .collect();
    let selection = page.select(&mut types, NamedCounts::compare);
    let others = (selection.others_len() > 0).then(|| OtherTicketTypes {
        ticket_types: selection.others_len(),
        counts: selection.others().map(|one| one.counts).sum(),
    });
    let listed = selection.listed.iter().map(NamedCounts::metrics);
    (listed.collect(), others)
}

/// Returns the metrics of one page of the pairs of source and ticket type with registrations, cancellations or
/// check-ins, most registrations first, and the sum of the others.
pub(super) fn by_source_and_ticket_type<'a>(
    rows: &[RowRef<'a>],
    names: &TicketTypeNames<'a>,
    page: PageRange,
) -> (Vec<SourceTicketTypeMetrics>, Option<OtherSourceTicketTypes>) {
    let pairs = count_by(rows, |row| (row.source(), names.resolve(row.ticket_type()))).into_iter();
    let mut pairs: Vec<_> = pairs
        .map(|((source, key), counts)| (source, NamedCounts::new(key, counts, names)))
        .collect();
    let selection = page.select(&mut pairs, |(source_a, a), (source_b, b)| {
        let by_counts = b.counts.registrations.cmp(&a.counts.registrations);
        let by_source = by_counts.then_with(|| source_a.cmp(source_b));
        by_source.then_with(|| a.compare(b))
    });
    let others = (selection.others_len() > 0).then(|| OtherSourceTicketTypes {
        pairs: selection.others_len(),
        counts: selection.others().map(|(_, one)| one.counts).sum(),
    });
    let listed = selection.listed.iter();
    let listed = listed.map(|(source, one)| SourceTicketTypeMetrics {
        source: (*source).to_owned(),
        metrics: one.metrics(),
    });
    (listed.collect(), others)
}

/// Counts rows by `key`, without keys that have none of the counted facts.
fn count_by<'a, K: Eq + Hash>(
    rows: &[RowRef<'a>],
    key: impl Fn(RowRef<'a>) -> K,
) -> HashMap<K, TicketCounts> {
    let mut counts = HashMap::<K, TicketCounts>::new();
    for &row in rows.iter().filter(|row| row.count() > 0) {
        let mut one = TicketCounts::default();
        match row.kind() {
            EventKind::Completed => one.registrations = row.count(),
            EventKind::Cancelled => one.cancellations = row.count(),
            EventKind::CheckIn => one.check_ins = row.count(),
            _ => continue,
        }
        counts.entry(key(row)).or_default().add(one);
    }
    counts
}

impl TicketCounts {
    fn add(&mut self, other: Self) {
        self.registrations += other.registrations;
        self.cancellations += other.cancellations;
        self.check_ins += other.check_ins;
    }
}

impl Sum for TicketCounts {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        let mut sum = Self::default();
        parts.for_each(|part| sum.add(part));
        sum
    }
}

/// The counts of a ticket type with its id and name.
struct NamedCounts<'a> {
    id: Option<&'a str>,
    name: Option<&'a str>,
    counts: TicketCounts,
}

impl<'a> NamedCounts<'a> {
    fn new(key: &'a str, counts: TicketCounts, names: &TicketTypeNames<'a>) -> Self {
        let (id, name) = names.id_and_name(key);
        Self { id, name, counts }
    }

    /// Most registrations first, then by name and id.
    fn compare(&self, other: &Self) -> Ordering {
        let key = |one: &Self| (Reverse(one.counts.registrations), one.name, one.id);
        key(self).cmp(&key(other))
    }

    fn metrics(&self) -> TicketTypeMetrics {
        TicketTypeMetrics {
            ticket_type_id: self.id.map(ToOwned::to_owned),
            ticket_type_name: self.name.map(ToOwned::to_owned),
            counts: self.counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::analytics::{aggregate::RollupRows, model::RollupRow};

    fn registered(
        day: &str,
        ticket_type: &'static str,
        name: Option<&'static str>,
    ) -> RollupRow<'static> {
        RollupRow {
            event_id: Uuid::from_u128(1),
            ticket_type: ticket_type.into(),
            ticket_type_name: name.map(Into::into),
            count: 1,
            ..RollupRow::blank(day, EventKind::Completed)
        }
    }

    fn summary(rows: &[RollupRow<'_>]) -> Vec<(String, String, u64)> {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".into());
        let rows: RollupRows = rows.iter().cloned().collect();
        let rows = rows.all();
        let page = PageRange {
            number: 0,
            size: 10,
        };
        let (types, _) = by_ticket_type(&rows, &TicketTypeNames::of(&rows), page);
        let types = types.into_iter().map(|one| {
            (
                or_none(one.ticket_type_id),
                or_none(one.ticket_type_name),
                one.counts.registrations,
            )
        });
        types.collect()
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
