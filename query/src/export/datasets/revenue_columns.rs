//! Columns of payments and refunds. Currencies are never added up, and few records have two: the columns
//! `amountCents`, `refundedCents` and `currency` have values for a single currency, `revenue` and
//! `refunded` have the sums by currency as JSON.

use serde_json::{Map, Value};

use crate::analytics::Revenue;

/// The cells of payments and refunds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RevenueColumns {
    /// Sum of the payments, for a single currency.
    pub amount_cents: Option<i64>,
    /// Sum of the refunds, for a single currency.
    pub refunded_cents: Option<i64>,
    /// The single currency.
    pub currency: Option<String>,
    /// Sums of the payments by currency, as JSON.
    pub revenue: Option<String>,
    /// Sums of the refunds by currency, as JSON.
    pub refunded: Option<String>,
}

impl RevenueColumns {
    pub fn of(sums: &[Revenue]) -> Self {
        let by_currency = |count_and_sum: fn(&Revenue) -> (u64, i64)| {
            let sums = sums.iter().filter_map(|one| {
                let (count, sum) = count_and_sum(one);
                (count > 0).then(|| (one.currency.clone(), sum.into()))
            });
            let sums: Map<String, Value> = sums.collect();
            (!sums.is_empty()).then(|| Value::Object(sums).to_string())
        };
        let single = match sums {
            [single] => Some(single),
            _ => None,
        };
        Self {
            amount_cents: single.map(|one| one.amount_cents),
            refunded_cents: single.map(|one| one.refunded_cents),
            currency: single.map(|one| one.currency.clone()),
            revenue: by_currency(|one| (one.payments, one.amount_cents)),
            refunded: by_currency(|one| (one.refunds, one.refunded_cents)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(currency: &str, amount_cents: i64, refunds: u64) -> Revenue {
        Revenue {
            currency: currency.to_owned(),
            amount_cents,
            payments: 1,
            refunded_cents: 100 * i64::try_from(refunds).unwrap(),
            refunds,
        }
    }

    #[test]
    fn one_currency_has_numbers_and_two_are_not_added_up() {
        let one = RevenueColumns::of(&[sum("EUR", 9_800, 1)]);
        assert_eq!(one.amount_cents, Some(9_800));
        assert_eq!(one.refunded_cents, Some(100));
        assert_eq!(one.currency.as_deref(), Some("EUR"));
        assert_eq!(one.refunded.as_deref(), Some(r#"{"EUR":100}"#));

        let two = RevenueColumns::of(&[sum("EUR", 9_800, 0), sum("RUB", 5, 0)]);
        assert_eq!((two.amount_cents, two.currency), (None, None));
        assert_eq!(two.revenue.as_deref(), Some(r#"{"EUR":9800,"RUB":5}"#));
        assert_eq!(two.refunded, None);
        assert_eq!(RevenueColumns::of(&[]), RevenueColumns::default());
    }
}
