//! Texts that describe something and identify nothing.

/// The character that stands for one that could not be read or stored.
pub const BROKEN: char = char::REPLACEMENT_CHARACTER;
/// The maximum length of a text that describes a fact, in characters.
pub const MAX_CHARS: usize = 200;

/// Returns a text without the space around it; `None` if there is nothing else.
#[must_use]
pub fn present(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// Returns the beginning of a text, of at most `max` characters and without space at its end.
#[must_use]
pub fn cut(text: &str, max: usize) -> &str {
    match text.char_indices().nth(max) {
        Some((end, _)) => text[..end].trim_end(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_of_space_is_absent() {
        assert_eq!(present(" \t\u{a0}\n"), None);
        assert_eq!(present(" a b "), Some("a b"));
    }

    proptest! {
        #[test]
        fn a_text_is_cut_at_a_character(text: String, max in 0..50_usize) {
            let kept = cut(&text, max);
            prop_assert!(kept.chars().count() <= max);
            prop_assert!(text.starts_with(kept));
            prop_assert!(text.chars().count() > max || kept == text);
        }
    }
}
