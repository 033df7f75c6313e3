//! Pages of lists: the events of a report, and the entries of breakdowns.

use analytics_shared::problem::Problem;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::raw_param::{ParamSchema, RawParam};
use crate::analytics::{EventSort, InvalidEventSort, PageRange};

/// A page of the events of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventPage {
    pub range: PageRange,
    pub sort: EventSort,
}

impl EventPage {
    /// The default page.
    pub const DEFAULT: Self = Self {
        range: EventPageSize::DEFAULT_PAGE,
        sort: EventSort::DEFAULT,
    };

    /// Parses the parameters `page`, `size` and `sort`.
    ///
    /// # Errors
    /// Fails with a problem that names the invalid parameter.
    pub fn parse(
        number: Option<&RawParam<PageNumber>>,
        size: Option<&RawParam<EventPageSize>>,
        sort: Option<&RawParam<EventSort>>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            range: parse_page(["page", "size"], number, size)?,
            sort: sort.map_or(Ok(Self::DEFAULT.sort), |text| parse_sort(text))?,
        })
    }
}

/// The page size of a list: `DEFAULT` entries unless requested otherwise, at most `MAX`.
pub struct PageSize<const DEFAULT: u32, const MAX: u32>;

/// Events of a report.
pub type EventPageSize = PageSize<20, 100>;
/// Entries of each breakdown.
pub type BreakdownPageSize = PageSize<100, 1_000>;
/// Groups of a funnel, each of which is as long as six entries of a breakdown.
pub type GroupPageSize = PageSize<50, 500>;

impl<const DEFAULT: u32, const MAX: u32> PageSize<DEFAULT, MAX> {
    /// The first page.
    pub const DEFAULT_PAGE: PageRange = PageRange {
        number: 0,
        size: DEFAULT,
    };
}

/// Parses the parameters of a page, which have these names.
///
/// # Errors
/// Fails with a problem that names the invalid parameter.
pub fn parse_page<const DEFAULT: u32, const MAX: u32>(
    [number_field, size_field]: [&str; 2],
    number: Option<&RawParam<PageNumber>>,
    size: Option<&RawParam<PageSize<DEFAULT, MAX>>>,
) -> Result<PageRange, Problem> {
    let number = number.map_or(Ok(0), |text| parse_integer(number_field, text))?;
    let size = size.map_or(Ok(DEFAULT), |text| parse_integer(size_field, text))?;
    if (1..=MAX).contains(&size) {
        Ok(PageRange { number, size })
    } else {
        let message = format!("must be between 1 and {MAX}");
        Err(Problem::invalid(size_field, message))
    }
}

fn parse_integer(field: &str, text: &str) -> Result<u32, Problem> {
    text.parse()
        .map_err(|_| Problem::malformed(field, "must be an integer from 0 to 4294967295"))
}

fn parse_sort(text: &str) -> Result<EventSort, Problem> {
    let sort = text.parse();
    sort.map_err(|invalid: InvalidEventSort| Problem::invalid("sort", invalid.to_string()))
}

/// A page number.
pub struct PageNumber;

impl ParamSchema for PageNumber {
    fn schema() -> MetaSchema {
        integer_schema(0, u32::MAX, 0)
    }
}

impl<const DEFAULT: u32, const MAX: u32> ParamSchema for PageSize<DEFAULT, MAX> {
    fn schema() -> MetaSchema {
        integer_schema(1, MAX, DEFAULT)
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
            default: Some(json!(EventPage::DEFAULT.sort.to_string())),
            ..MetaSchema::new("string")
        }
    }
}
