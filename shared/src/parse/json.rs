//! The repair of broken texts in JSON, before it is parsed.
//!
//! A text that a producer has cut in the middle of a character would make the whole document unreadable, even if
//! the field is not used. What cannot be read or stored is replaced by U+FFFD: bytes that are not UTF-8,
//! halves of surrogate pairs (RFC 8259, section 8.2), and U+0000, which PostgreSQL cannot store. Control
//! characters in texts are escaped.

use std::{borrow::Cow, io::Write};

/// The byte order mark, which some programs write at the beginning of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The escape of U+FFFD.
const BROKEN: &[u8] = br"\ufffd";
/// The length of `\u0000`, in bytes.
const ESCAPE_LENGTH: usize = 6;

/// Returns JSON without a byte order mark and with readable texts. A document without defects is not copied.
#[must_use]
pub fn repair(json: &[u8]) -> Cow<'_, [u8]> {
    let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
    let json = match String::from_utf8_lossy(json) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    match repair_texts(&json) {
        Some(repaired) => repaired.into(),
        None => json,
    }
}

/// Replaces the defects within the texts; `None` if there are none.
fn repair_texts(json: &[u8]) -> Option<Vec<u8>> {
    let mut repaired = None::<Vec<u8>>;
    let (mut position, mut copied, mut is_text) = (0, 0, false);
    while let Some(&byte) = json.get(position) {
        let rest = &json[position..];
        let (length, replacement) = match byte {
            b'"' => {
                is_text = !is_text;
                (1, None)
            }
            b'\\' if is_text => escape(rest),
            ..b' ' if is_text => (1, Some(escaped(byte))),
            _ => (1, None),
        };
        if let Some(replacement) = replacement {
            let repaired = repaired.get_or_insert_with(|| Vec::with_capacity(json.len() + 64));
            repaired.extend_from_slice(&json[copied..position]);
            repaired.extend_from_slice(&replacement);
            copied = position + length;
        }
        position += length;
    }
    repaired.as_mut()?.extend_from_slice(&json[copied..]);
    repaired
}

/// Returns the length of the escape at the start of `text`, and its replacement if it is broken.
fn escape(text: &[u8]) -> (usize, Option<Vec<u8>>) {
    let Some(unit) = code_unit(text) else {
        return (2, None);
    };
    match unit {
        0xd800..=0xdbff => match code_unit(&text[ESCAPE_LENGTH..]) {
            Some(0xdc00..=0xdfff) => (2 * ESCAPE_LENGTH, None),
            _ => (ESCAPE_LENGTH, Some(BROKEN.to_vec())),
        },
        0 | 0xdc00..=0xdfff => (ESCAPE_LENGTH, Some(BROKEN.to_vec())),
        _ => (ESCAPE_LENGTH, None),
    }
}

/// Returns the UTF-16 code unit of the escape `\u0000` at the start of `text`.
fn code_unit(text: &[u8]) -> Option<u16> {
    let digits = text.get(..ESCAPE_LENGTH)?.strip_prefix(br"\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Returns the escape of a control character.
fn escaped(control: u8) -> Vec<u8> {
    if control == 0 {
        return BROKEN.to_vec();
    }
    let mut escaped = Vec::with_capacity(ESCAPE_LENGTH);
    // Writing to a vector does not fail.
    let _ = write!(escaped, "\\u{control:04x}");
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parsed(text: &[u8]) -> Value {
        serde_json::from_slice(&repair(text)).unwrap()
    }

    #[test]
    fn what_is_broken_in_a_text_is_replaced() {
        for (text, expected) in [
            (&br#""Anna \ud83c""#[..], "Anna \u{fffd}"),
            (br#""\ud83c\ud83c\udf89""#, "\u{fffd}\u{1f389}"),
            (br#""\udf89\ud83c""#, "\u{fffd}\u{fffd}"),
            (br#""\ud83c\n""#, "\u{fffd}\n"),
            (br#""a\u0000b""#, "a\u{fffd}b"),
            (b"\"a\0b\"", "a\u{fffd}b"),
            (b"\"a\xf0\x9f\x8e\"", "a\u{fffd}"),
            (b"\"a\tb\r\nc\x1f\"", "a\tb\r\nc\u{1f}"),
            (br#""\\u0000""#, "\\u0000"),
            (br#""\"\u0000\"""#, "\"\u{fffd}\""),
            (br#""\\\u0000""#, "\\\u{fffd}"),
        ] {
            assert_eq!(parsed(text), expected, "{}", String::from_utf8_lossy(text));
        }
        let document = b"\xef\xbb\xbf {\"a\\u0000\": [\"\\ud83c\", 1]}\n";
        assert_eq!(parsed(document), json!({"a\u{fffd}": ["\u{fffd}", 1]}));
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in [
            "",
            "{",
            "\"",
            "\"\\",
            "\"\\u",
            "\"\\u12",
            "\\",
            "{\u{1}}",
            r#""\u+123""#,
        ] {
            let repaired = repair(text.as_bytes());
            assert!(
                serde_json::from_slice::<Value>(&repaired).is_err(),
                "{text}"
            );
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            let pair = ("[a-z\"\\\\]{0,5}", inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                prop::collection::vec(pair, 0..5)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_without_defects_is_not_copied(value in value()) {
            let text = value.to_string();
            let has_nul = text.contains(r"\u0000");
            prop_assert!(has_nul || matches!(repair(text.as_bytes()), Cow::Borrowed(_)));
        }

        #[test]
        fn every_text_is_readable_json(units in prop::collection::vec(any::<u16>(), 0..20)) {
            let escapes = units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat();
            let expected = String::from_utf16_lossy(&units).replace('\0', "\u{fffd}");
            prop_assert_eq!(parsed(format!("\"{escapes}\"").as_bytes()), expected);
        }

        #[test]
        fn any_bytes_are_repaired_once(bytes: Vec<u8>) {
            let repaired = repair(&bytes).into_owned();
            prop_assert!(std::str::from_utf8(&repaired).is_ok());
        }
    }
}
