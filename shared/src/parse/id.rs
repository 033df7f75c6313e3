//! Ids: UUIDs, and texts that identify something.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de::Error};
use thiserror::Error;
use uuid::Uuid;

use super::text::BROKEN;

/// The maximum length of an id, in characters.
pub const MAX_CHARS: usize = 200;
/// The length of a UUID with hyphens.
const HYPHENATED_LENGTH: usize = 36;

/// The error for a text that is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a UUID")]
pub struct InvalidUuid;

/// The reason why a text cannot identify anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidId {
    /// It is too long. Cut, it would identify something else.
    #[error("must have at most {MAX_CHARS} characters")]
    TooLong,
    /// It contains a control character, or one that could not be read.
    #[error("contains a control character or a broken one")]
    Broken,
}

/// Parses a UUID (RFC 9562) in any case, also without hyphens, in braces, or as a URN.
///
/// # Errors
/// When the text is not a UUID.
pub fn parse_uuid(text: &str) -> Result<Uuid, InvalidUuid> {
    Uuid::try_parse(text.trim()).map_err(|_| InvalidUuid)
}

/// Deserializes an optional UUID, as [`parse_uuid`]. An empty text is none.
///
/// # Errors
/// When the value is not a UUID.
pub fn deserialize_uuid<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Uuid>, D::Error> {
    match Option::<Cow<'de, str>>::deserialize(deserializer)? {
        Some(text) if !text.trim().is_empty() => {
            parse_uuid(&text).map(Some).map_err(D::Error::custom)
        }
        _ => Ok(None),
    }
}

/// Returns the form in which an id is stored and compared. A UUID with hyphens is in lower case, because
/// UUIDs do not differ by case; other ids are unchanged, except for space around them.
#[must_use]
pub fn normalize(text: &str) -> Cow<'_, str> {
    let id = text.trim();
    // A text of 32 hexadecimal digits may be another kind of id.
    match Uuid::try_parse(id) {
        Ok(uuid) if id.len() >= HYPHENATED_LENGTH => uuid.hyphenated().to_string().into(),
        _ => id.into(),
    }
}

/// Parses a text that identifies something, and returns it in the form of [`normalize`].
///
/// # Errors
/// When the text is too long, or contains a control character or U+FFFD, which replaces broken ones.
pub fn parse(text: &str) -> Result<Cow<'_, str>, InvalidId> {
    let id = normalize(text);
    if id.chars().any(|one| one.is_control() || one == BROKEN) {
        return Err(InvalidId::Broken);
    }
    if id.chars().count() > MAX_CHARS {
        return Err(InvalidId::TooLong);
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_texts_are_no_uuids() {
        for text in ["", "7", "00000000-0000-0000-0000-00000000000g", "{}"] {
            assert_eq!(parse_uuid(text), Err(InvalidUuid), "{text}");
        }
    }

    #[test]
    fn an_id_that_is_broken_or_too_long_is_an_error() {
        let longest = "я".repeat(MAX_CHARS);
        assert_eq!(parse(&longest).as_deref(), Ok(longest.as_str()));
        assert_eq!(parse(&format!("{longest}я")), Err(InvalidId::TooLong));
        for text in ["a\0b", "a\nb", "a\u{fffd}"] {
            assert_eq!(parse(text), Err(InvalidId::Broken));
        }
    }

    proptest! {
        #[test]
        fn what_serializers_write_for_a_uuid_is_the_uuid(bytes: u128, space in "[ \t]{0,2}") {
            let uuid = Uuid::from_u128(bytes);
            let texts = [
                // Java, JavaScript, Go, Python, PHP, PostgreSQL, and .NET with the format "D".
                uuid.hyphenated().to_string(),
                // SQL Server and Windows.
                format!("{uuid:X}"),
                // .NET with the formats "N" and "B", and Python's `hex` and `urn`.
                uuid.simple().to_string(),
                uuid.braced().to_string().to_uppercase(),
                uuid.urn().to_string(),
            ];
            for text in texts {
                prop_assert_eq!(parse_uuid(&format!("{space}{text}{space}")), Ok(uuid), "{}", text);
            }
        }

        #[test]
        fn a_uuid_is_one_id_in_any_case_and_other_ids_stay_as_they_are(bytes: u128, other in "[!-~]{1,30}") {
            let uuid = Uuid::from_u128(bytes).to_string();
            let upper = uuid.to_uppercase();
            prop_assert_eq!(normalize(&upper), uuid.as_str());
            prop_assert_eq!(normalize(&uuid), uuid.as_str());
            let braced = format!("{{{upper}}}");
            prop_assert_eq!(normalize(&braced), uuid.as_str());
            prop_assert_eq!(normalize(&other), other.as_str());
        }
    }
}
