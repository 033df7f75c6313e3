//! Page and order of the events of a report.

use analytics_shared::problem::Problem;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::raw_param::{ParamSchema, RawParam};
use crate::analytics::{EventSort, InvalidEventSort};

/// Events per page at most.
const MAX_SIZE: u32 = 100;

/// A page of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Page number from 0.
    pub number: u32,
    pub size: u32,
    pub sort: EventSort,
}

impl Page {
    /// The default page.
    pub const DEFAULT: Self = Self {
        number: 0,
        size: 20,
        sort: EventSort::DEFAULT,
    };

    /// Parses the parameters `page`, `size` and `sort`.
    ///
    /// # Errors
    /// Fails with a problem that names the invalid parameter.
    pub fn parse(
        number: Option<&RawParam<PageNumber>>,
        size: Option<&RawParam<PageSize>>,
        sort: Option<&RawParam<EventSort>>,
    ) -> Result<Self, Problem> {
        let default = Self::DEFAULT;
        Ok(Self {
            number: number.map_or(Ok(default.number), |text| parse_integer("page", text))?,
            size: size.map_or(Ok(default.size), |text| parse_size(text))?,
            sort: sort.map_or(Ok(default.sort), |text| parse_sort(text))?,
        })
    }
}

fn parse_integer(field: &str, text: &str) -> Result<u32, Problem> {
    text.parse()
        .map_err(|_| Problem::malformed(field, "must be an integer from 0 to 4294967295"))
}

fn parse_size(text: &str) -> Result<u32, Problem> {
    let size = parse_integer("size", text)?;
    if (1..=MAX_SIZE).contains(&size) {
        Ok(size)
    } else {
        let message = format!("must be between 1 and {MAX_SIZE}");
        Err(Problem::invalid("size", message))
    }
}

fn parse_sort(text: &str) -> Result<EventSort, Problem> {
    let sort = text.parse();
    sort.map_err(|invalid: InvalidEventSort| Problem::invalid("sort", invalid.to_string()))
}

/// The parameter `page`.
pub struct PageNumber;

impl ParamSchema for PageNumber {
    fn schema() -> MetaSchema {
        integer_schema(0, u32::MAX, Page::DEFAULT.number)
    }
}

/// The parameter `size`.
pub struct PageSize;

impl ParamSchema for PageSize {
    fn schema() -> MetaSchema {
        integer_schema(1, MAX_SIZE, Page::DEFAULT.size)
    }
}

fn integer_schema(minimum: u32, maximum: u32, default: u32) -> MetaSchema {
    MetaSchema {
        minimum: Some(minimum.into()),
        maximum: Some(maximum.into()),
        default: Some(json!(default)),
        ..MetaSchema::new_with_format("integer", "uint32")
    }
}

impl ParamSchema for EventSort {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some(Self::pattern()),
            default: Some(json!(Page::DEFAULT.sort.to_string())),
            ..MetaSchema::new("string")
        }
    }
}
