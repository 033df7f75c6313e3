//! The measured requests: dashboard, funnel and report, with their paths and totals.
//!
//! Of a response, only the figures that plain SQL returns as well are compared.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::bench::mix::Event;

/// A kind of response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// The dashboard of the most popular event.
    Dashboard,
    /// Its funnel.
    Funnel,
    /// The report of its organization.
    Report,
}

/// Figures by their names.
pub type Counts = BTreeMap<String, i64>;

/// The compared figures of a response.
pub const METRICS: [&str; 5] = [
    "totalViews",
    "uniqueViews",
    "totalRegistrations",
    "cancellations",
    "checkedIn",
];

impl Figure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dashboard, Self::Funnel, Self::Report];

    /// Its name in the table and in the JSON object.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Funnel => "funnel",
            Self::Report => "report",
        }
    }

    /// Its path, with no parameters.
    #[must_use]
    pub fn path(self, event: &Event) -> String {
        let (event, tenant) = (event.id, event.tenant);
        match self {
            Self::Dashboard => format!("/api/v1/analytics/events/{event}/dashboard"),
            Self::Funnel => format!("/api/v1/analytics/events/{event}/funnel"),
            Self::Report => format!("/api/v1/analytics/organizations/{tenant}/report"),
        }
    }

    /// The page views of the whole in a response.
    ///
    /// # Errors
    /// When there are none.
    pub fn views(self, response: &[u8]) -> anyhow::Result<i64> {
        let name = match self {
            Self::Dashboard | Self::Report => " totalViews",
            Self::Funnel => "pageViews count",
        };
        let counts = self.told(response)?;
        counts.get(name).copied().context("no page views")
    }

    /// The figures of a response.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn told(self, answer: &[u8]) -> anyhow::Result<Counts> {
        let answer: Value = serde_json::from_slice(answer)?;
        let mut counts = Counts::new();
        match self {
            Self::Dashboard => metrics("", &answer, &mut counts)?,
            Self::Funnel => {
                for step in entries(&answer["steps"])? {
                    let name = step["step"].as_str().context("a step")?;
                    for figure in ["count", "visitors"] {
                        counts.insert(format!("{name} {figure}"), number(&step[figure])?);
                    }
                }
            }
            Self::Report => {
                metrics("", &answer["totals"], &mut counts)?;
                for event in entries(&answer["events"])? {
                    let id = event["eventId"].as_str().context("an event")?;
                    metrics(id, event, &mut counts)?;
                }
            }
        }
        Ok(counts)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Checks that each figure is between the true value before and the one after.
///
/// # Errors
/// The first figure that is not.
pub fn ensure_between(told: &Counts, before: &Counts, after: &Counts) -> anyhow::Result<()> {
    // SQL returns no row for 0.
    let of = |counts: &Counts, name| counts.get(name).copied().unwrap_or_default();
    for (name, told) in told {
        let (before, after) = (of(before, name), of(after, name));
        ensure!(
            (before..=after).contains(told),
            "{name} is {told}, but SQL says {before} before and {after} afterwards"
        );
    }
    Ok(())
}

/// The metrics of an event, or of the whole without an event.
fn metrics(of: &str, answer: &Value, counts: &mut Counts) -> anyhow::Result<()> {
    for name in METRICS {
        counts.insert(format!("{of} {name}"), number(&answer[name])?);
    }
    Ok(())
}

fn entries(value: &Value) -> anyhow::Result<&Vec<Value>> {
    let entries = value.as_array().context("a list")?;
    ensure!(!entries.is_empty(), "an empty list");
    Ok(entries)
}

fn number(value: &Value) -> anyhow::Result<i64> {
    value.as_i64().context("a whole number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: i64) -> Counts {
        Counts::from([("views".to_owned(), of)])
    }

    #[test]
    fn a_figure_may_grow_while_it_is_asked_for_and_do_nothing_else() {
        for told in [3, 4, 5] {
            assert!(ensure_between(&counts(told), &counts(3), &counts(5)).is_ok());
        }
        for told in [2, 6] {
            assert!(ensure_between(&counts(told), &counts(3), &counts(5)).is_err());
        }
        assert!(ensure_between(&counts(0), &Counts::new(), &Counts::new()).is_ok());
        assert!(ensure_between(&counts(1), &Counts::new(), &Counts::new()).is_err());
    }

    #[test]
    fn page_views_are_those_of_the_whole() {
        let metrics = METRICS.map(|name| format!("\"{name}\": 3")).join(",");
        let event = format!("{{\"eventId\": \"e\", {}}}", metrics.replace('3', "2"));
        let report = format!("{{\"totals\": {{{metrics}}}, \"events\": [{event}]}}");
        assert_eq!(Figure::Report.views(report.as_bytes()).unwrap(), 3);
        let steps = r#"{"steps": [{"step": "pageViews", "count": 7, "visitors": 5}]}"#;
        assert_eq!(Figure::Funnel.views(steps.as_bytes()).unwrap(), 7);
    }

    #[test]
    fn an_answer_without_its_figures_is_an_error() {
        assert!(Figure::Dashboard.told(b"{\"totalViews\": 1}").is_err());
        assert!(Figure::Funnel.told(b"{\"steps\": []}").is_err());
    }
}
