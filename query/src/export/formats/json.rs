//! Compact JSON. Parsing would cost more, and lose digits of large numbers.

/// Appends `json` without the spaces that PostgreSQL writes after `:` and `,`.
pub(super) fn write_compact(json: &str, to: &mut Vec<u8>) {
    // Quotes and spaces are ASCII and never part of another UTF-8 character.
    let mut rest = json.as_bytes();
    while !rest.is_empty() {
        let string = rest.iter().position(|byte| *byte == b'"');
        let (between, more) = rest.split_at(string.unwrap_or(rest.len()));
        to.extend(between.iter().filter(|byte| **byte != b' '));
        let (string, more) = more.split_at(string_length(more));
        to.extend_from_slice(string);
        rest = more;
    }
}

/// Returns the length of the string literal at the start of `json`, quotes included, in bytes.
fn string_length(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(rest) = json.get(at..) {
        match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            Some(found) if rest[found] == b'"' => return at + found + 1,
            // Skips the backslash and the escaped character.
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
    fn only_spaces_outside_of_strings_are_removed() {
        let stored = r#"{"a, b": "c: \" d\\", "é ": [1, {"f": " "}, 1e400]}"#;
        let expected = r#"{"a, b":"c: \" d\\","é ":[1,{"f":" "},1e400]}"#;
        let mut written = Vec::new();
        write_compact(stored, &mut written);
        assert_eq!(String::from_utf8(written).unwrap(), expected);
        for whole in ["{}", r#"{"a":"\\\""}"#, "null", "\"", "\"\\"] {
            let mut written = Vec::new();
            write_compact(whole, &mut written);
            assert_eq!(written, whole.as_bytes());
        }
    }
}
