//! Values that the API writes in its own way: days, and parameters that we read ourselves, because
//! the framework calls those of a path `param0`, answers 400 where 422 is meant, and tells more of
//! its inside than of what is wrong.

use std::{borrow::Cow, marker::PhantomData, ops::Deref};

use analytics_shared::problem::Problem;
use chrono::NaiveDate;
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use uuid::Uuid;

use super::example;

/// A value with a schema of its own.
pub trait Described: Sized + Send + Sync + 'static {
    /// Its schema.
    fn schema() -> MetaSchema;
}

/// A calendar day, `2026-11-23`. (The framework calls the format of dates `naive-date`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

impl Day {
    fn read(text: &str) -> Result<Self, &'static str> {
        // chrono alone would also take `2026-1-1` and years of five digits.
        let full = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        full.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
            .flatten()
            .map(Self)
            .ok_or("must be a calendar day like 2026-11-23")
    }
}

impl Described for Day {
    fn schema() -> MetaSchema {
        MetaSchema {
            example: Some(json!(example::period().to)),
            ..MetaSchema::new_with_format("string", "date")
        }
    }
}

impl Type for Day {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "day".into()
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

impl ToJSON for Day {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.to_string()))
    }
}

impl ParseFromJSON for Day {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Self::read(&text).map_err(ParseError::custom),
            other => Err(ParseError::expected_type(other.unwrap_or_default())),
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::read(&text).map_err(de::Error::custom)
    }
}

/// A parameter as it was sent, documented as `T`.
#[derive(Clone, Debug)]
pub struct Sent<T>(String, PhantomData<T>);

impl<T> Deref for Sent<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T: Described> Type for Sent<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "sent".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(T::schema()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Described> ParseFromParameter for Sent<T> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Ok(Self(text.to_owned(), PhantomData))
    }
}

/// A UUID in a path.
pub trait Identifier: Described {
    /// Its name in the path.
    const FIELD: &'static str;
}

impl<T: Identifier> Sent<T> {
    /// The id.
    ///
    /// # Errors
    /// When it is none: a problem that names the parameter.
    pub fn id(&self) -> Result<Uuid, Problem> {
        // `Uuid` alone would also take braces and `urn:uuid:`.
        (self.0.len() == 36)
            .then(|| Uuid::try_parse(&self.0).ok())
            .flatten()
            .ok_or_else(|| Problem::unreadable(T::FIELD, "must be a UUID"))
    }
}

/// Documents the parameter `eventId`.
#[derive(Clone, Copy, Debug)]
pub struct EventId;

impl Described for EventId {
    fn schema() -> MetaSchema {
        uuid_like(example::EVENT)
    }
}

impl Identifier for EventId {
    const FIELD: &'static str = "eventId";
}

/// Documents the parameter `orgId`.
#[derive(Clone, Copy, Debug)]
pub struct OrgId;

impl Described for OrgId {
    fn schema() -> MetaSchema {
        uuid_like(example::ORGANIZATION)
    }
}

impl Identifier for OrgId {
    const FIELD: &'static str = "orgId";
}

fn uuid_like(example: Uuid) -> MetaSchema {
    MetaSchema {
        example: Some(json!(example)),
        ..MetaSchema::new_with_format("string", "uuid")
    }
}

impl Sent<Day> {
    /// The day.
    ///
    /// # Errors
    /// When it is none: a problem that names `field`.
    pub fn read(&self, field: &str) -> Result<Day, Problem> {
        Day::read(&self.0).map_err(|message| Problem::unreadable(field, message))
    }
}

/// Documents an IANA zone.
#[derive(Clone, Copy, Debug)]
pub struct Zone;

impl Described for Zone {
    fn schema() -> MetaSchema {
        MetaSchema {
            example: Some(json!(example::ZONE.name())),
            ..MetaSchema::new("string")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_date_is_a_day() {
        assert!(Day::read("2024-02-29").is_ok());
        for text in [
            "2026-1-1",
            "2026-02-29",
            "26-01-01",
            "+2026-01-1",
            "today",
            "",
        ] {
            assert!(Day::read(text).is_err(), "{text}");
        }
    }
}
