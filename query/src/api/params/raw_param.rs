//! Parameters as text. poem-openapi would name path parameters `param0` in errors, return 400 instead of 422
//! for invalid values, and describe its own types instead of the error.

use std::{borrow::Cow, marker::PhantomData, ops::Deref};

use analytics_shared::{
    parse::id::{self, InvalidUuid},
    problem::Problem,
};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use serde_json::json;
use uuid::Uuid;

use crate::{analytics::CalendarDate, api::responses::examples};

/// The OpenAPI schema of a parameter.
pub trait ParamSchema: Send + Sync + 'static {
    fn schema() -> MetaSchema;
}

/// The text of a parameter, documented as `T`.
pub struct RawParam<T>(String, PhantomData<T>);

impl<T> Deref for RawParam<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T: ParamSchema> Type for RawParam<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "parameter".into()
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

impl<T: ParamSchema> ParseFromParameter for RawParam<T> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Ok(Self(text.to_owned(), PhantomData))
    }
}

impl ParamSchema for CalendarDate {
    fn schema() -> MetaSchema {
        Self::schema()
    }
}

impl RawParam<CalendarDate> {
    /// Parses a date.
    ///
    /// # Errors
    /// Fails with a problem that names `field` if the text is not a date.
    pub fn date(&self, field: &str) -> Result<CalendarDate, Problem> {
        CalendarDate::parse(self).map_err(|message| Problem::malformed(field, message))
    }
}

/// A UUID in the path.
pub trait PathId: ParamSchema {
    const FIELD: &'static str;
}

impl<T: PathId> RawParam<T> {
    /// Parses the id.
    ///
    /// # Errors
    /// Fails with a problem that names the parameter if the text is not a UUID.
    pub fn id(&self) -> Result<Uuid, Problem> {
        id::parse_uuid(&self.0)
            .map_err(|error: InvalidUuid| Problem::malformed(T::FIELD, error.to_string()))
    }
}

/// The parameter `eventId`.
pub struct EventId;

impl ParamSchema for EventId {
    fn schema() -> MetaSchema {
        uuid_schema(examples::EVENT)
    }
}

impl PathId for EventId {
    const FIELD: &'static str = "eventId";
}

/// The parameter `orgId`.
pub struct OrgId;

impl ParamSchema for OrgId {
    fn schema() -> MetaSchema {
        uuid_schema(examples::ORGANIZATION)
    }
}

impl PathId for OrgId {
    const FIELD: &'static str = "orgId";
}

/// The parameter `shareId`.
pub struct ShareId;

impl ParamSchema for ShareId {
    fn schema() -> MetaSchema {
        uuid_schema(examples::SHARE)
    }
}

impl PathId for ShareId {
    const FIELD: &'static str = "shareId";
}

fn uuid_schema(example: Uuid) -> MetaSchema {
    MetaSchema {
        example: Some(json!(example)),
        ..MetaSchema::new_with_format("string", "uuid")
    }
}

/// The name of an IANA time zone.
pub struct TimeZoneName;

impl ParamSchema for TimeZoneName {
    fn schema() -> MetaSchema {
        MetaSchema {
            example: Some(json!(examples::ZONE.name())),
            ..MetaSchema::new("string")
        }
    }
}
