//! The columns that every format has.

/// Their names, in order.
pub(super) const NAMES: [&str; 12] = [
    "id",
    "createdAt",
    "eventType",
    "eventId",
    "userId",
    "source",
    "ticketTypeId",
    "ticketTypeName",
    "registrationId",
    "amountCents",
    "currency",
    "properties",
];

/// An amount, if it is a whole number; it is in the properties in any case.
pub(super) fn amount(stored: Option<&str>) -> Option<i64> {
    stored.and_then(|text| text.parse().ok())
}

/// JSON without the blanks that PostgreSQL writes after `:` and `,`. Parsing it would cost more,
/// and the digits of large numbers.
pub(super) fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for character in json.chars() {
        if in_text || character != ' ' {
            compact.push(character);
        }
        if character == '"' && !escaped {
            in_text = !in_text;
        }
        escaped = character == '\\' && !escaped;
    }
    compact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blanks_outside_of_texts_go() {
        let stored = r#"{"a, b": "c: \" d\\", "e": [1, {"f": " "}, 1e400]}"#;
        let expected = r#"{"a, b":"c: \" d\\","e":[1,{"f":" "},1e400]}"#;
        assert_eq!(compact(stored), expected);
    }

    #[test]
    fn an_amount_that_is_no_whole_number_has_no_cell() {
        assert_eq!(amount(Some("450000")), Some(450_000));
        assert_eq!(amount(Some("-1")), Some(-1));
        for text in [
            None,
            Some("1.5"),
            Some("many"),
            Some("99999999999999999999"),
        ] {
            assert_eq!(amount(text), None, "{text:?}");
        }
    }
}
