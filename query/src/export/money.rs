//! Amounts in the units of their currency (ISO 4217).

use iso_currency::Currency;

/// The most decimal places of a currency.
pub(super) const MAX_DECIMAL_PLACES: usize = 4;

/// Returns the number of decimal places of a currency; 2 if it is unknown.
pub(super) fn decimal_places(currency: &str) -> usize {
    let exponent = Currency::from_code(currency).and_then(Currency::exponent);
    exponent.map_or(2, usize::from).min(MAX_DECIMAL_PLACES)
}

/// Returns an amount in minor units as a decimal number.
pub(super) fn to_decimal(minor_units: i64, places: usize) -> String {
    let sign = if minor_units < 0 { "-" } else { "" };
    let digits = format!(
        "{:0>width$}",
        minor_units.unsigned_abs(),
        width = places + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_has_its_decimal_places() {
        let places = ["EUR", "RUB", "JPY", "KWD", "CLF", "XAU", "QQQ", ""].map(decimal_places);
        assert_eq!(places, [2, 2, 0, 3, 4, 2, 2, 2]);
    }

    #[test]
    fn minor_units_become_decimal_numbers() {
        assert_eq!(to_decimal(4_900, 2), "49.00");
        assert_eq!(to_decimal(5, 3), "0.005");
        assert_eq!(to_decimal(-5, 2), "-0.05");
        assert_eq!(to_decimal(4_900, 0), "4900");
        assert_eq!(to_decimal(i64::MIN, 2), "-92233720368547758.08");
    }
}
