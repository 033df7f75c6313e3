//! Query parameters with a fixed set of values.

use analytics_shared::problem::Problem;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::raw_param::{ParamSchema, RawParam};
use crate::analytics::{
    CalendarUnit, CompareWith, EventTime, Granularity, GroupBy, ScanPolicy, SplitBy,
};

/// A query parameter with a fixed set of values.
pub trait Choice: Copy + Send + Sync + 'static {
    const FIELD: &'static str;
    const VALUES: &'static [(&'static str, Self)];
}

impl Choice for Granularity {
    const FIELD: &'static str = "granularity";
    const VALUES: &'static [(&'static str, Self)] = &[
        ("hour", Self::Hour),
        ("day", Self::Calendar(CalendarUnit::Day)),
        ("week", Self::Calendar(CalendarUnit::Week)),
        ("month", Self::Calendar(CalendarUnit::Month)),
    ];
}

impl Choice for CompareWith {
    const FIELD: &'static str = "compare";
    const VALUES: &'static [(&'static str, Self)] =
        &[("previous", Self::Previous), ("year", Self::Year)];
}

impl Choice for GroupBy {
    const FIELD: &'static str = "groupBy";
    const VALUES: &'static [(&'static str, Self)] = &[
        ("source", Self::Source),
        ("utmCampaign", Self::UtmCampaign),
        ("ticketType", Self::TicketType),
        ("day", Self::Day),
    ];
}

impl Choice for SplitBy {
    const FIELD: &'static str = "splitBy";
    const VALUES: &'static [(&'static str, Self)] =
        &[("source", Self::Source), ("ticketType", Self::TicketType)];
}

impl Choice for EventTime {
    const FIELD: &'static str = "when";
    const VALUES: &'static [(&'static str, Self)] = &Self::NAMES;
}

impl Choice for ScanPolicy {
    const FIELD: &'static str = "details";
    const VALUES: &'static [(&'static str, Self)] =
        &[("always", Self::Always), ("never", Self::Never)];
}

impl<T: Choice> ParamSchema for T {
    fn schema() -> MetaSchema {
        MetaSchema {
            enum_items: T::VALUES.iter().map(|(name, _)| json!(name)).collect(),
            ..MetaSchema::new("string")
        }
    }
}

/// Parses an optional parameter.
///
/// # Errors
/// Fails with a problem that names the parameter if it has another value.
pub fn choice<T: Choice>(param: Option<&RawParam<T>>) -> Result<Option<T>, Problem> {
    let Some(text) = param else {
        return Ok(None);
    };
    let value = T::VALUES.iter().find(|(name, _)| **name == **text);
    value.map(|&(_, value)| Some(value)).ok_or_else(|| {
        let names: Vec<_> = T::VALUES.iter().map(|(name, _)| *name).collect();
        let message = format!("must be one of {}", names.join(", "));
        Problem::malformed(T::FIELD, message)
    })
}
