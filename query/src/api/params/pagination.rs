//! Which part of a long list is wanted, and in which order.

use analytics_shared::problem::Problem;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::types::{Described, Sent};
use crate::figures::{InvalidSort, Sort, SortField};

/// The most events on a page.
const MAX_SIZE: u32 = 100;

/// A page of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Which one, from 0.
    pub number: u32,
    /// How many events it has.
    pub size: u32,
    /// In which order they are.
    pub sort: Sort,
}

impl Page {
    /// What a caller gets who does not say.
    pub const FIRST: Self = Self {
        number: 0,
        size: 20,
        sort: Sort {
            field: SortField::TotalViews,
            descending: true,
        },
    };

    /// Reads the parameters `page`, `size` and `sort`.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(
        number: Option<&Sent<PageNumber>>,
        size: Option<&Sent<PageSize>>,
        sort: Option<&Sent<Order>>,
    ) -> Result<Self, Problem> {
        let default = Self::FIRST;
        Ok(Self {
            number: number.map_or(Ok(default.number), |sent| whole_number("page", sent))?,
            size: size.map_or(Ok(default.size), |sent| page_size(sent))?,
            sort: sort.map_or(Ok(default.sort), |sent| order(sent))?,
        })
    }
}

fn whole_number(field: &str, sent: &str) -> Result<u32, Problem> {
    sent.parse()
        .map_err(|_| Problem::unreadable(field, "must be a whole number, and not too large"))
}

fn page_size(sent: &str) -> Result<u32, Problem> {
    let size = whole_number("size", sent)?;
    if (1..=MAX_SIZE).contains(&size) {
        Ok(size)
    } else {
        let message = format!("must lie between 1 and {MAX_SIZE}");
        Err(Problem::invalid("size", message))
    }
}

fn order(sent: &str) -> Result<Sort, Problem> {
    let sort = sent.parse();
    sort.map_err(|invalid: InvalidSort| Problem::invalid("sort", invalid.to_string()))
}

/// Documents the parameter `page`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageNumber;

impl Described for PageNumber {
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(0.0),
            maximum: Some(f64::from(u32::MAX)),
            default: Some(json!(Page::FIRST.number)),
            ..MetaSchema::new_with_format("integer", "uint32")
        }
    }
}

/// Documents the parameter `size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageSize;

impl Described for PageSize {
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(1.0),
            maximum: Some(f64::from(MAX_SIZE)),
            default: Some(json!(Page::FIRST.size)),
            ..MetaSchema::new_with_format("integer", "uint32")
        }
    }
}

/// Documents the parameter `sort`.
#[derive(Clone, Copy, Debug)]
pub struct Order;

impl Described for Order {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some(Sort::pattern()),
            default: Some(json!(Page::FIRST.sort.to_string())),
            ..MetaSchema::new("string")
        }
    }
}
