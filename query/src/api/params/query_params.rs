//! Parameters that refine what is asked for: how finely the period is divided, what it is compared with,
//! by what a funnel is told apart, and how much may be looked at.

use analytics_shared::problem::Problem;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use super::types::{Described, Sent};
use crate::figures::{Compare, Details, Granularity, GroupBy, Span};

/// Reads the parameter `granularity`.
///
/// # Errors
/// A problem that names it.
pub fn granularity(sent: Option<&Sent<GranularityName>>) -> Result<Option<Granularity>, Problem> {
    choice("granularity", sent.map(|sent| &**sent), &GRANULARITIES)
}

/// Reads the parameter `compare`.
///
/// # Errors
/// A problem that names it.
pub fn compare(sent: Option<&Sent<CompareName>>) -> Result<Option<Compare>, Problem> {
    choice("compare", sent.map(|sent| &**sent), &COMPARISONS)
}

/// Reads the parameter `groupBy`.
///
/// # Errors
/// A problem that names it.
pub fn group_by(sent: Option<&Sent<GroupByName>>) -> Result<Option<GroupBy>, Problem> {
    choice("groupBy", sent.map(|sent| &**sent), &GROUPS)
}

/// Reads the parameter `details`.
///
/// # Errors
/// A problem that names it.
pub fn details(sent: Option<&Sent<DetailsName>>) -> Result<Details, Problem> {
    let choice = choice("details", sent.map(|sent| &**sent), &DETAILS)?;
    Ok(choice.unwrap_or_default())
}

const GRANULARITIES: [(&str, Granularity); 4] = [
    ("hour", Granularity::Hour),
    ("day", Granularity::Days(Span::Day)),
    ("week", Granularity::Days(Span::Week)),
    ("month", Granularity::Days(Span::Month)),
];
const COMPARISONS: [(&str, Compare); 2] =
    [("previous", Compare::Previous), ("year", Compare::Year)];

const GROUPS: [(&str, GroupBy); 3] = [
    ("source", GroupBy::Source),
    ("ticketType", GroupBy::TicketType),
    ("day", GroupBy::Day),
];
const DETAILS: [(&str, Details); 2] = [("always", Details::Always), ("never", Details::Never)];

fn choice<T: Copy>(
    field: &str,
    sent: Option<&str>,
    choices: &[(&'static str, T)],
) -> Result<Option<T>, Problem> {
    let Some(sent) = sent else {
        return Ok(None);
    };
    let chosen = choices.iter().find(|(name, _)| *name == sent);
    chosen.map(|&(_, choice)| Some(choice)).ok_or_else(|| {
        let message = format!("must be one of {}", names(choices).join(", "));
        Problem::unreadable(field, message)
    })
}

fn names<T>(choices: &[(&'static str, T)]) -> Vec<&'static str> {
    choices.iter().map(|(name, _)| *name).collect()
}

/// Documents the parameter `granularity`.
#[derive(Clone, Copy, Debug)]
pub struct GranularityName;

impl Described for GranularityName {
    fn schema() -> MetaSchema {
        one_of(&GRANULARITIES)
    }
}

/// Documents the parameter `compare`.
#[derive(Clone, Copy, Debug)]
pub struct CompareName;

impl Described for CompareName {
    fn schema() -> MetaSchema {
        one_of(&COMPARISONS)
    }
}

/// Documents the parameter `groupBy`.
#[derive(Clone, Copy, Debug)]
pub struct GroupByName;

impl Described for GroupByName {
    fn schema() -> MetaSchema {
        one_of(&GROUPS)
    }
}

/// Documents the parameter `details`.
#[derive(Clone, Copy, Debug)]
pub struct DetailsName;

impl Described for DetailsName {
    fn schema() -> MetaSchema {
        one_of(&DETAILS)
    }
}

fn one_of<T>(choices: &[(&'static str, T)]) -> MetaSchema {
    MetaSchema {
        enum_items: names(choices).into_iter().map(|name| json!(name)).collect(),
        ..MetaSchema::new("string")
    }
}
