//! Money in one row of a file. Currencies are never added up, and hardly any row has two of them: the
//! columns `amountCents`, `refundedCents` and `currency` hold numbers where there is one currency,
//! `revenue` and `refunded` hold the sums of each as JSON in any case.

use serde_json::{Map, Value};

use crate::figures::Revenue;

/// Payments and refunds, as cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Money {
    /// Sum of the payments, if there is one currency.
    pub amount_cents: Option<i64>,
    /// Sum of the refunds, if there is one currency.
    pub refunded_cents: Option<i64>,
    /// The currency, if there is one.
    pub currency: Option<String>,
    /// Sums of the payments by currency, as JSON.
    pub revenue: Option<String>,
    /// Sums of the refunds by currency, as JSON.
    pub refunded: Option<String>,
}

impl Money {
    /// The cells of these sums.
    pub fn new(sums: &[Revenue]) -> Self {
        let by_currency = |sum: fn(&Revenue) -> (u64, i64)| {
            let sums = sums.iter().filter(|one| sum(one).0 > 0);
            let sums: Map<String, Value> = sums
                .map(|one| (one.currency.clone(), sum(one).1.into()))
                .collect();
            (!sums.is_empty()).then(|| Value::Object(sums).to_string())
        };
        let only = match sums {
            [only] => Some(only),
            _ => None,
        };
        Self {
            amount_cents: only.map(|one| one.amount_cents),
            refunded_cents: only.map(|one| one.refunded_cents),
            currency: only.map(|one| one.currency.clone()),
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
        let one = Money::new(&[sum("EUR", 9_800, 1)]);
        assert_eq!(one.amount_cents, Some(9_800));
        assert_eq!(one.refunded_cents, Some(100));
        assert_eq!(one.currency.as_deref(), Some("EUR"));
        assert_eq!(one.refunded.as_deref(), Some(r#"{"EUR":100}"#));

        let two = Money::new(&[sum("EUR", 9_800, 0), sum("RUB", 5, 0)]);
        assert_eq!((two.amount_cents, two.currency), (None, None));
        assert_eq!(two.revenue.as_deref(), Some(r#"{"EUR":9800,"RUB":5}"#));
        assert_eq!(two.refunded, None);
        assert_eq!(Money::new(&[]), Money::default());
    }
}
