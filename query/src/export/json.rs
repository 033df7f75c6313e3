//! JSON as it is stored, without the blanks that PostgreSQL writes after `:` and `,`. Parsing it would
//! cost more, and the digits of large numbers.

/// Appends `json` without blanks between its parts.
pub(super) fn compact(json: &str, to: &mut Vec<u8>) {
    let (mut in_text, mut escaped) = (false, false);
    // What is looked for is ASCII, and no byte of another character is.
    for &byte in json.as_bytes() {
        if in_text || byte != b' ' {
            to.push(byte);
        }
        if byte == b'"' && !escaped {
            in_text = !in_text;
        }
        escaped = byte == b'\\' && !escaped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blanks_outside_of_texts_go() {
        let stored = r#"{"a, b": "c: \" d\\", "é ": [1, {"f": " "}, 1e400]}"#;
        let expected = r#"{"a, b":"c: \" d\\","é ":[1,{"f":" "},1e400]}"#;
        let mut written = Vec::new();
        compact(stored, &mut written);
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
}
