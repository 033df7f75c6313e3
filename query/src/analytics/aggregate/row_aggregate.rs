//! Aggregation of rows, in total or by a key.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use analytics_shared::visitor_set::VisitorSet;

use super::changed_part::ChangedPart;
use crate::analytics::model::{EventKind, Links, Revenue, RowRef};

/// Approximate memory of the name of a currency, in bytes.
const CURRENCY_BYTES: usize = 32;

/// Counts, distinct visitors, links and amounts of some facts.
#[derive(Clone, Debug, Default)]
pub struct Aggregate {
    counts: [u64; EventKind::ALL.len()],
    visitors: [VisitorSet; EventKind::ALL.len()],
    paid: BTreeMap<Arc<str>, AmountSum>,
    refunded: BTreeMap<Arc<str>, AmountSum>,
    links: Links,
}

/// Payments or refunds in one currency.
#[derive(Clone, Copy, Debug, Default)]
struct AmountSum {
    amount_cents: i64,
    count: u64,
}

impl Aggregate {
    /// Aggregates rows, with the visitors of `kinds`.
    pub fn of<'a>(rows: impl IntoIterator<Item = RowRef<'a>>, kinds: &[EventKind]) -> Self {
        let mut aggregate = Self::default();
        let mut sets: [Vec<&[i64]>; EventKind::ALL.len()] = Default::default();
        let mut links = Vec::new();
        for row in rows {
            aggregate.add_counts(row);
            links.extend_from_slice(row.links());
            if kinds.contains(&row.kind()) {
                sets[row.kind() as usize].push(row.visitors());
            }
        }
        aggregate.visitors = sets.map(VisitorSet::union_of_sorted);
        aggregate.links = links.into_iter().collect();
        aggregate
    }

    /// Merges aggregates, with the visitors of `kinds`.
    pub(super) fn merge(aggregates: &[&Self], kinds: &[EventKind]) -> Self {
        let mut merged = Self::sum(aggregates);
        merged.links = Links::merge(aggregates.iter().map(|one| &one.links));
        for &kind in kinds {
            let sets = aggregates.iter().map(|one| one.visitor_set(kind));
            merged.visitors[kind as usize] = VisitorSet::union(sets);
        }
        merged
    }

    /// Merges the rest and a part that has changed, with the visitors of `kinds`.
    pub(super) fn merge_changed(part: &ChangedPart<'_, Self>, kinds: &[EventKind]) -> Self {
        let mut merged = Self::sum(&[part.rest, part.new]);
        merged.links = if part.new.links == part.old.links {
            part.whole.links.clone()
        } else {
            Links::merge([&part.rest.links, &part.new.links])
        };
        for &kind in kinds {
            let visitors = part.field(|one| one.visitor_set(kind));
            merged.visitors[kind as usize] = visitors.union();
        }
        merged
    }

    /// Adds up counts and amounts, without visitors and links.
    fn sum(aggregates: &[&Self]) -> Self {
        let mut sum = Self::default();
        for aggregate in aggregates {
            for (count, other) in sum.counts.iter_mut().zip(aggregate.counts) {
                *count += other;
            }
            add_amounts(&mut sum.paid, &aggregate.paid);
            add_amounts(&mut sum.refunded, &aggregate.refunded);
        }
        sum
    }

    pub fn count(&self, kind: EventKind) -> u64 {
        self.counts[kind as usize]
    }

    pub fn visitors(&self, kind: EventKind) -> u64 {
        self.visitors[kind as usize].len()
    }

    pub fn visitor_set(&self, kind: EventKind) -> &VisitorSet {
        &self.visitors[kind as usize]
    }

    pub fn links(&self) -> &Links {
        &self.links
    }

    pub fn revenue(&self) -> Vec<Revenue> {
        let currencies: BTreeSet<_> = self.paid.keys().chain(self.refunded.keys()).collect();
        let revenue = currencies.into_iter().map(|currency| {
            let paid = self.paid.get(currency).copied().unwrap_or_default();
            let refunded = self.refunded.get(currency).copied().unwrap_or_default();
            Revenue {
                currency: currency.to_string(),
                amount_cents: paid.amount_cents,
                payments: paid.count,
                refunded_cents: refunded.amount_cents,
                refunds: refunded.count,
            }
        });
        revenue.collect()
    }

    /// Returns the approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        let currencies = self.paid.len() + self.refunded.len();
        let visitors: usize = self.visitors.iter().map(VisitorSet::heap_bytes).sum();
        let amounts = currencies * (size_of::<AmountSum>() + CURRENCY_BYTES);
        size_of::<Self>() + amounts + visitors + self.links.heap_bytes()
    }

    /// Adds everything of a row but its visitors.
    fn add_counts(&mut self, row: RowRef<'_>) {
        self.counts[row.kind() as usize] += row.count();
        let amounts = match row.kind() {
            EventKind::Payment => &mut self.paid,
            EventKind::Refund => &mut self.refunded,
            _ => return,
        };
        // A payment without amount and currency says nothing about revenue.
        let has_amount = row.amount_cents() != 0 || !row.currency().is_empty();
        if row.count() > 0 && has_amount {
            let sum = match amounts.get_mut(row.currency()) {
                Some(sum) => sum,
                None => amounts.entry(row.currency().into()).or_default(),
            };
            sum.add(row.amount_cents(), row.count());
        }
    }
}

impl AmountSum {
    fn add(&mut self, amount_cents: i64, count: u64) {
        self.amount_cents = self.amount_cents.saturating_add(amount_cents);
        self.count += count;
    }
}

fn add_amounts(to: &mut BTreeMap<Arc<str>, AmountSum>, from: &BTreeMap<Arc<str>, AmountSum>) {
    for (currency, sum) in from {
        let total = to.entry(Arc::clone(currency)).or_default();
        total.add(sum.amount_cents, sum.count);
    }
}

impl<'a> FromIterator<RowRef<'a>> for Aggregate {
    fn from_iter<T: IntoIterator<Item = RowRef<'a>>>(rows: T) -> Self {
        Self::of(rows, &EventKind::FUNNEL)
    }
}

/// Aggregates rows by `key`, with the visitors of `kinds`.
pub fn aggregate_by<'a, K: Ord>(
    rows: impl IntoIterator<Item = RowRef<'a>>,
    kinds: &[EventKind],
    key: impl Fn(RowRef<'a>) -> K,
) -> BTreeMap<K, Aggregate> {
    let groups = group_by(rows, key).into_iter();
    groups
        .map(|(key, rows)| (key, Aggregate::of(rows, kinds)))
        .collect()
}

/// Groups rows by `key`.
pub(super) fn group_by<'a, K: Ord>(
    rows: impl IntoIterator<Item = RowRef<'a>>,
    key: impl Fn(RowRef<'a>) -> K,
) -> BTreeMap<K, Vec<RowRef<'a>>> {
    let mut groups = BTreeMap::<K, Vec<RowRef<'a>>>::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}
