//! Currencies.

use thiserror::Error;

/// The error for a text that is not a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be an ISO 4217 code, for example `EUR`")]
pub struct InvalidCurrency;

/// Parses an ISO 4217 code, in any case, and returns it in upper case.
///
/// # Errors
/// When the text does not consist of three letters.
pub fn parse(text: &str) -> Result<String, InvalidCurrency> {
    let code = text.trim();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code
        .then(|| code.to_ascii_uppercase())
        .ok_or(InvalidCurrency)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_texts_are_no_currencies() {
        for text in ["", "E", "EURO", "€", "E R", "12E", "рубл"] {
            assert_eq!(parse(text), Err(InvalidCurrency), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_the_same_in_any_case(code in "[A-Za-z]{3}", space in "[ \t]{0,2}") {
            let expected = Ok(code.to_ascii_uppercase());
            prop_assert_eq!(parse(&format!("{space}{code}{space}")), expected);
        }
    }
}
