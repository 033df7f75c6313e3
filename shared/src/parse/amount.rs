//! Amounts of money, in integer minor units of their currency.

use serde_json::Value;
use thiserror::Error;

use super::number::Decimal;

/// The maximum amount, in minor units.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;
/// The maximum length of a text, in bytes: more digits than any amount has.
const MAX_LENGTH: usize = 64;

/// The error for a value that is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be an integer number of minor units from 0 to {MAX_AMOUNT}")]
pub struct InvalidAmount;

/// Parses an amount: a JSON number, or a text with one, whose value is an integer, as in `1250`, `"1250"`,
/// `1250.0` and `1.25e3`. A text with separators of thousands is an error, because it has several meanings.
///
/// # Errors
/// When the value is not an integer from 0 to [`MAX_AMOUNT`].
pub fn parse(value: &Value) -> Result<i64, InvalidAmount> {
    match value {
        Value::Number(number) => parse_text(&number.to_string()),
        Value::String(text) => parse_text(text),
        _ => Err(InvalidAmount),
    }
}

/// Parses the text of an amount, as [`parse`].
///
/// # Errors
/// When the text is not an integer from 0 to [`MAX_AMOUNT`].
pub fn parse_text(text: &str) -> Result<i64, InvalidAmount> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return Err(InvalidAmount);
    }
    Decimal::parse(text)
        .and_then(|number| number.to_integer())
        .filter(|amount| (0..=MAX_AMOUNT).contains(amount))
        .ok_or(InvalidAmount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_integer_is_read_in_every_form() {
        for (value, expected) in [
            (json!(1250), 1250),
            (json!("1250"), 1250),
            (json!(1250.0), 1250),
            (json!(" +1250.00 "), 1250),
            (json!("1.25e+03"), 1250),
            (json!("125000E-2"), 1250),
            (json!("0001250"), 1250),
            (json!(0), 0),
            (json!("-0.0"), 0),
            (json!("0e999"), 0),
            (json!(MAX_AMOUNT), MAX_AMOUNT),
        ] {
            assert_eq!(parse(&value), Ok(expected), "{value}");
        }
    }

    #[test]
    fn other_values_are_no_amounts() {
        for value in [
            json!(1250.5),
            json!("1250.00000000000000001"),
            json!(-1),
            json!(MAX_AMOUNT + 1),
            json!("1e30000"),
            json!("1e-1"),
            json!(""),
            json!("."),
            json!("1."),
            json!(".5"),
            json!("1,250"),
            json!("1 250"),
            json!("12.50 EUR"),
            json!("NaN"),
            json!("Infinity"),
            json!("0x10"),
            json!("１２"),
            json!("1".repeat(65)),
            json!(true),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(parse(&value), Err(InvalidAmount), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_serializers_write_for_an_amount_is_the_amount(amount in 0..=MAX_AMOUNT, zeros in 1..4_usize) {
            let texts = [
                amount.to_string(),
                // pandas and JavaScript after a division.
                format!("{amount}.{}", "0".repeat(zeros)),
                // R and .NET.
                format!("{amount}e0"),
                format!("{amount}00E-2"),
            ];
            for text in texts {
                let number: Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(parse(&number), Ok(amount), "{}", text);
                prop_assert_eq!(parse(&Value::from(text.clone())), Ok(amount), "{}", text);
            }
        }

        #[test]
        fn a_fraction_is_never_rounded(amount in 0..MAX_AMOUNT, fraction in "[0-9]{0,9}[1-9]") {
            prop_assert_eq!(parse_text(&format!("{amount}.{fraction}")), Err(InvalidAmount));
        }
    }
}
