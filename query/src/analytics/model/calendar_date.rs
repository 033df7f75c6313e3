//! Calendar dates as the API writes them.

use std::borrow::Cow;

use chrono::NaiveDate;
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};

/// A calendar date, `2026-11-23`. A type of its own because poem-openapi documents `NaiveDate` with
/// the format `naive-date`, which generators of clients do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDate(pub NaiveDate);

impl CalendarDate {
    /// Parses `YYYY-MM-DD`.
    ///
    /// # Errors
    /// Returns the message for the client if `text` is not a date in this format.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        // chrono alone also accepts `2026-1-1` and years of five digits.
        let is_padded = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        is_padded
            .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
            .flatten()
            .map(Self)
            .ok_or("must be a calendar date like 2026-11-23")
    }

    pub fn schema() -> MetaSchema {
        MetaSchema {
            example: Some(json!("2026-11-23")),
            ..MetaSchema::new_with_format("string", "date")
        }
    }
}

impl Type for CalendarDate {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "date".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(Self::schema()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for CalendarDate {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.to_string()))
    }
}

impl ParseFromJSON for CalendarDate {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Self::parse(&text).map_err(ParseError::custom),
            other => Err(ParseError::expected_type(other.unwrap_or_default())),
        }
    }
}

impl<'de> Deserialize<'de> for CalendarDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_padded_date_is_accepted() {
        assert!(CalendarDate::parse("2024-02-29").is_ok());
        for text in [
            "2026-1-1",
            "2026-02-29",
            "26-01-01",
            "+2026-01-1",
            "today",
            "",
        ] {
            assert!(CalendarDate::parse(text).is_err(), "{text}");
        }
    }
}
