//! Adding rows up, for whatever they are grouped by.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use analytics_shared::visitor_set::VisitorSet;

use super::{Kind, Row};

/// Bytes that the name of a currency takes, about.
const CURRENCY: usize = 32;

/// All that is known of some rows together.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: [u64; Kind::ALL.len()],
    visitors: [VisitorSet; Kind::ALL.len()],
    paid: BTreeMap<Arc<str>, Sum>,
    refunded: BTreeMap<Arc<str>, Sum>,
}

/// Some payments, or some refunds.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    amount_cents: i64,
    count: u64,
}

/// Payments and refunds of one currency; currencies are never added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revenue {
    /// ISO 4217 code; empty where none was named.
    pub currency: String,
    /// Sum of the payments in minor units, nothing subtracted.
    pub amount_cents: i64,
    /// How many payments.
    pub payments: u64,
    /// Sum of the refunds in minor units.
    pub refunded_cents: i64,
    /// How many refunds.
    pub refunds: u64,
}

impl Tally {
    /// How many facts of that kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u64 {
        self.counts[kind as usize]
    }

    /// How many distinct visitors were behind facts of that kind.
    #[must_use]
    pub fn visitors(&self, kind: Kind) -> u64 {
        self.visitors[kind as usize].len()
    }

    /// Payments and refunds, by currency.
    #[must_use]
    pub fn revenue(&self) -> Vec<Revenue> {
        let currencies: BTreeSet<&Arc<str>> =
            self.paid.keys().chain(self.refunded.keys()).collect();
        let sum = |of: &BTreeMap<Arc<str>, Sum>, currency: &Arc<str>| of.get(currency).copied();
        currencies
            .into_iter()
            .map(|currency| {
                let paid = sum(&self.paid, currency).unwrap_or_default();
                let refunded = sum(&self.refunded, currency).unwrap_or_default();
                Revenue {
                    currency: currency.to_string(),
                    amount_cents: paid.amount_cents,
                    payments: paid.count,
                    refunded_cents: refunded.amount_cents,
                    refunds: refunded.count,
                }
            })
            .collect()
    }

    /// The tally of some rows, with the visitors of some kinds alone.
    pub(super) fn of<'a>(rows: impl IntoIterator<Item = &'a Row>, visited: &[Kind]) -> Self {
        let mut tally = Self::default();
        let mut sets: [Vec<&VisitorSet>; Kind::ALL.len()] = Default::default();
        for row in rows {
            tally.count_in(row);
            if visited.contains(&row.kind) {
                sets[row.kind as usize].push(&row.visitors);
            }
        }
        tally.visitors = sets.map(VisitorSet::union);
        tally
    }

    /// What several tallies come to together, with the visitors of some kinds alone.
    pub(super) fn merge(tallies: &[&Self], visited: &[Kind]) -> Self {
        let mut merged = Self::default();
        for tally in tallies {
            for (count, of_tally) in merged.counts.iter_mut().zip(tally.counts) {
                *count += of_tally;
            }
            add_sums(&mut merged.paid, &tally.paid);
            add_sums(&mut merged.refunded, &tally.refunded);
        }
        for &kind in visited {
            let sets = tallies.iter().map(|tally| tally.visitors_of(kind));
            merged.visitors[kind as usize] = VisitorSet::union(sets);
        }
        merged
    }

    /// Who was behind facts of that kind.
    pub(super) fn visitors_of(&self, kind: Kind) -> &VisitorSet {
        &self.visitors[kind as usize]
    }

    /// Memory that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let currencies = self.paid.len() + self.refunded.len();
        let visitors = self
            .visitors
            .iter()
            .map(VisitorSet::heap_bytes)
            .sum::<usize>();
        size_of::<Self>() + currencies * (size_of::<Sum>() + CURRENCY) + visitors
    }

    /// Adds a fact that is no payment, without its visitor.
    pub(super) fn count_fact(&mut self, kind: Kind) {
        self.counts[kind as usize] += 1;
    }

    /// Adds all of a row but its visitors.
    fn count_in(&mut self, row: &Row) {
        self.counts[row.kind as usize] += row.count;
        // A payment that told neither amount nor currency says nothing about revenue.
        let tells = row.amount_cents != 0 || !row.currency.is_empty();
        let sums = match row.kind {
            Kind::Payment => &mut self.paid,
            Kind::Refund => &mut self.refunded,
            _ => return,
        };
        if row.count > 0 && tells {
            let (amount_cents, count) = (row.amount_cents, row.count);
            let sum = sums.entry(Arc::clone(&row.currency)).or_default();
            sum.add(Sum {
                amount_cents,
                count,
            });
        }
    }
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.amount_cents = self.amount_cents.saturating_add(other.amount_cents);
        self.count += other.count;
    }
}

fn add_sums(to: &mut BTreeMap<Arc<str>, Sum>, from: &BTreeMap<Arc<str>, Sum>) {
    for (currency, &sum) in from {
        to.entry(Arc::clone(currency)).or_default().add(sum);
    }
}

impl<'a> FromIterator<&'a Row> for Tally {
    fn from_iter<T: IntoIterator<Item = &'a Row>>(rows: T) -> Self {
        Self::of(rows, &Kind::VISITED)
    }
}

/// One tally for each value of `key`, with the visitors of some kinds alone.
pub(super) fn tally_by<'a, K: Ord>(
    rows: impl IntoIterator<Item = &'a Row>,
    visited: &[Kind],
    key: impl Fn(&'a Row) -> K,
) -> BTreeMap<K, Tally> {
    let groups = grouped(rows, key).into_iter();
    groups
        .map(|(key, rows)| (key, Tally::of(rows, visited)))
        .collect()
}

/// The rows of each value of `key`.
pub(super) fn grouped<'a, K: Ord>(
    rows: impl IntoIterator<Item = &'a Row>,
    key: impl Fn(&'a Row) -> K,
) -> BTreeMap<K, Vec<&'a Row>> {
    let mut groups = BTreeMap::<K, Vec<&Row>>::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}
