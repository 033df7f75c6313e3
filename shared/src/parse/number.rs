//! Decimal numbers, and the numbers of JSON that would not be stored exactly.
//!
//! JSON numbers have any number of digits, but are read as integers of 64 bits or as double-precision floating
//! point numbers (RFC 8259, section 6), which would silently be other numbers.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Number, value::RawValue};

/// Digits that every double-precision number keeps.
const EXACT_DIGITS: usize = 15;

/// A decimal number: its significant digits, times a power of ten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal<'a> {
    /// Whether it is below zero.
    pub is_negative: bool,
    /// The digits without zeros at the start and the end; empty for zero.
    pub digits: Cow<'a, str>,
    /// The power of ten of the last digit.
    pub power: i64,
}

impl<'a> Decimal<'a> {
    /// Parses a number with an optional sign, fraction and exponent.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let is_negative = mantissa.starts_with('-');
        let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let is_number =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let digits = if fraction.is_empty() {
            Cow::Borrowed(whole)
        } else {
            Cow::Owned(format!("{whole}{fraction}"))
        };
        let length = digits.trim_end_matches('0').len();
        let zeros = i64::try_from(digits.len() - length).ok()?;
        let power = i64::from(exponent) - i64::try_from(fraction.len()).ok()? + zeros;
        let digits = match digits {
            Cow::Borrowed(digits) => Cow::Borrowed(digits[..length].trim_start_matches('0')),
            Cow::Owned(digits) => Cow::Owned(digits[..length].trim_start_matches('0').to_owned()),
        };
        let is_zero = digits.is_empty();
        Some(Self {
            is_negative: is_negative && !is_zero,
            digits,
            power: if is_zero { 0 } else { power },
        })
    }

    /// Returns the number, if it is an integer of 64 bits.
    #[must_use]
    pub fn to_integer(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let power = u32::try_from(self.power).ok()?;
        let value = self.digits.parse::<i64>().ok()?;
        let value = value.checked_mul(10_i64.checked_pow(power)?)?;
        Some(if self.is_negative { -value } else { value })
    }
}

/// Returns the paths of the numbers that would not be stored exactly, with dots. `json` is JSON whose nesting has
/// been limited by a parser before.
#[must_use]
pub fn inexact_paths(json: &[u8]) -> Vec<String> {
    let mut paths = Vec::new();
    if tokens(json).any(|token| !is_exact(token))
        && let Ok(document) = serde_json::from_slice(json)
    {
        add_paths(document, "", &mut paths);
    }
    paths
}

/// Adds the paths of the inexact numbers in `value`, whose own path is `path`.
fn add_paths(value: &RawValue, path: &str, paths: &mut Vec<String>) {
    let text = value.get();
    let inner = |name: &str| {
        let dot = if path.is_empty() { "" } else { "." };
        format!("{path}{dot}{name}")
    };
    match text.as_bytes().first() {
        Some(b'{') => {
            let fields = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(text);
            for (name, value) in fields.iter().flatten() {
                add_paths(value, &inner(name), paths);
            }
        }
        Some(b'[') => {
            let items = serde_json::from_str::<Vec<&RawValue>>(text);
            for (index, value) in items.iter().flatten().enumerate() {
                add_paths(value, &inner(&index.to_string()), paths);
            }
        }
        Some(b'-' | b'0'..=b'9') if !is_exact(text.as_bytes()) => paths.push(path.to_owned()),
        _ => {}
    }
}

/// The numbers of a JSON text.
fn tokens(json: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut position = 0;
    std::iter::from_fn(move || {
        let mut is_text = false;
        while let Some(byte) = json.get(position) {
            match byte {
                b'\\' if is_text => position += 1,
                b'"' => is_text = !is_text,
                b'-' | b'0'..=b'9' if !is_text => {
                    let rest = &json[position..];
                    let is_part =
                        |byte: &&u8| matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E' | b'0'..=b'9');
                    let length = rest.iter().take_while(is_part).count();
                    position += length;
                    return Some(&rest[..length]);
                }
                _ => {}
            }
            position += 1;
        }
        None
    })
}

/// Returns whether a number is stored with the same value. A text that is not a number is.
fn is_exact(token: &[u8]) -> bool {
    if token.len() <= EXACT_DIGITS && !token.contains(&b'e') && !token.contains(&b'E') {
        return true;
    }
    let text = str::from_utf8(token).unwrap_or_default();
    match (Decimal::parse(text), text.parse::<Number>()) {
        (Some(sent), Ok(read)) => Decimal::parse(&read.to_string()) == Some(sent),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_number_that_would_be_another_one_is_found() {
        for (json, expected) in [
            (r#"{"a": 12345678901234567890123}"#, &["a"][..]),
            (r#"{"a": {"b": [1, -0.12345678901234567890]}}"#, &["a.b.1"]),
            (r#"{"a": 9007199254740993.0}"#, &["a"][..]),
            ("1e-400", &[""]),
            (
                r#"{"a": 18446744073709551615, "b": -9223372036854775808}"#,
                &[],
            ),
            (
                r#"{"a": [0.1, 1.10, 1e300, 1E+2, 100000000000000000000, -0, 0.0, 12.5e-3]}"#,
                &[],
            ),
            (
                r#"{"12345678901234567890123": "0.12345678901234567890"}"#,
                &[],
            ),
            (r#"{"a": "\"", "b": "1234567890123456789.5"}"#, &[]),
            ("12345678901234567890123 nonsense", &[]),
        ] {
            assert_eq!(inexact_paths(json.as_bytes()), expected, "{json}");
        }
    }

    proptest! {
        #[test]
        fn numbers_that_programs_write_are_exact(float: f64, signed: i64, unsigned: u64) {
            prop_assume!(float.is_finite());
            let text = json!({"float": float, "deep": [signed, {"unsigned": unsigned}]}).to_string();
            prop_assert_eq!(inexact_paths(text.as_bytes()), Vec::<String>::new());
        }

        #[test]
        fn what_is_not_found_is_read_as_the_same_number(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?") {
            let Ok(value) = serde_json::from_str::<Value>(&text) else { return Ok(()) };
            let is_same = Decimal::parse(&value.to_string()) == Decimal::parse(&text);
            prop_assert_eq!(inexact_paths(text.as_bytes()).is_empty(), is_same);
        }

        #[test]
        fn any_bytes_are_searched(bytes: Vec<u8>) {
            let _ = inexact_paths(&bytes);
        }
    }
}
