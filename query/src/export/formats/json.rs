//! JSON as it is stored, without the blanks that PostgreSQL writes after `:` and `,`. Parsing it would
//! cost more, and the digits of large numbers.

/// Appends `json` without blanks between its parts.
pub(super) fn compact(json: &str, to: &mut Vec<u8>) {
    // What is looked for is ASCII, and no byte of another character is.
    let mut rest = json.as_bytes();
    while !rest.is_empty() {
        let text = rest.iter().position(|byte| *byte == b'"');
        let (between, more) = rest.split_at(text.unwrap_or(rest.len()));
        to.extend(between.iter().filter(|byte| **byte != b' '));
        let (text, more) = more.split_at(length_of_text(more));
        to.extend_from_slice(text);
        rest = more;
    }
}

/// Bytes of the text that `json` begins with, its quotes included.
fn length_of_text(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(rest) = json.get(at..) {
        match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            Some(found) if rest[found] == b'"' => return at + found + 1,
            // A backslash and what it escapes.
            Some(found) => at += found + 2,
            None => break,
        }
    }
    json.len()
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
        for whole in ["{}", r#"{"a":"\\\""}"#, "null", "\"", "\"\\"] {
            let mut written = Vec::new();
            compact(whole, &mut written);
            assert_eq!(written, whole.as_bytes());
        }
    }
}
