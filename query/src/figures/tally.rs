//! Adding rows up, for whatever they are grouped by.

use std::collections::BTreeMap;

use analytics_shared::visitor_set::VisitorSet;

use super::{Kind, Row};

/// All that is known of some rows together.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: [u64; Kind::ALL.len()],
    visitors: [VisitorSet; Kind::ALL.len()],
    revenue: BTreeMap<String, (i64, u64)>,
}

/// Completed payments of one currency; currencies are never added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revenue {
    /// ISO 4217 code; empty where the payments named none.
    pub currency: String,
    /// Sum in minor units.
    pub amount_cents: i64,
    /// How many payments.
    pub payments: u64,
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

    /// Completed payments, by currency.
    #[must_use]
    pub fn revenue(&self) -> Vec<Revenue> {
        let by_currency = self.revenue.iter();
        by_currency
            .map(|(currency, &(amount_cents, payments))| Revenue {
                currency: currency.clone(),
                amount_cents,
                payments,
            })
            .collect()
    }

    fn add(&mut self, row: &Row) {
        self.counts[row.kind as usize] += row.count;
        self.visitors[row.kind as usize].unite(&row.visitors);
        // A payment that told neither amount nor currency says nothing about revenue.
        let tells = row.amount_cents != 0 || !row.currency.is_empty();
        if row.kind == Kind::Payment && row.count > 0 && tells {
            let (amount, payments) = self.revenue.entry(row.currency.clone()).or_default();
            *amount = amount.saturating_add(row.amount_cents);
            *payments += row.count;
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
