//! Adding rows up, for whatever they are grouped by.

use std::collections::{BTreeMap, BTreeSet};

use analytics_shared::visitor_set::VisitorSet;

use super::{Kind, Moment, Row};

/// All that is known of some rows together.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: [u64; Kind::ALL.len()],
    visitors: [VisitorSet; Kind::ALL.len()],
    paid: BTreeMap<String, Sum>,
    refunded: BTreeMap<String, Sum>,
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
        self.visitors[kind as usize].count()
    }

    /// Payments and refunds, by currency.
    #[must_use]
    pub fn revenue(&self) -> Vec<Revenue> {
        let currencies: BTreeSet<&String> = self.paid.keys().chain(self.refunded.keys()).collect();
        let sum = |of: &BTreeMap<String, Sum>, currency| of.get(currency).copied();
        currencies
            .into_iter()
            .map(|currency| {
                let paid = sum(&self.paid, currency).unwrap_or_default();
                let refunded = sum(&self.refunded, currency).unwrap_or_default();
                Revenue {
                    currency: currency.clone(),
                    amount_cents: paid.amount_cents,
                    payments: paid.count,
                    refunded_cents: refunded.amount_cents,
                    refunds: refunded.count,
                }
            })
            .collect()
    }

    /// Adds a fact that is no payment.
    pub(super) fn add_moment(&mut self, moment: &Moment) {
        self.counts[moment.kind as usize] += 1;
        self.visitors[moment.kind as usize].extend(moment.ordinal);
    }

    pub(super) fn add(&mut self, row: &Row) {
        self.counts[row.kind as usize] += row.count;
        self.visitors[row.kind as usize].unite(&row.visitors);
        // A payment that told neither amount nor currency says nothing about revenue.
        let tells = row.amount_cents != 0 || !row.currency.is_empty();
        let sums = match row.kind {
            Kind::Payment => &mut self.paid,
            Kind::Refund => &mut self.refunded,
            _ => return,
        };
        if row.count > 0 && tells {
            let sum = sums.entry(row.currency.clone()).or_default();
            sum.amount_cents = sum.amount_cents.saturating_add(row.amount_cents);
            sum.count += row.count;
        }
    }
}

impl<'a> FromIterator<&'a Row> for Tally {
    fn from_iter<T: IntoIterator<Item = &'a Row>>(rows: T) -> Self {
        let mut tally = Self::default();
        for row in rows {
            tally.add(row);
        }
        tally
    }
}

/// One tally for each value of `key`.
pub(super) fn tally_by<'a, K: Ord>(
    rows: impl IntoIterator<Item = &'a Row>,
    key: impl Fn(&'a Row) -> K,
) -> BTreeMap<K, Tally> {
    let mut tallies = BTreeMap::<K, Tally>::new();
    for row in rows {
        tallies.entry(key(row)).or_default().add(row);
    }
    tallies
}
