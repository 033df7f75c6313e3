//! The part of the responses for an event that its share link shows.
//!
//! Fields are selected by allow-lists, so that a new field of a response is not shown before it is assigned to a
//! section. Parameters that select a part of the facts reveal the breakdown by that part, and need its section.

use analytics_shared::{
    auth::{Section, SharedView},
    problem::Problem,
};
use poem::http::StatusCode;
use serde_json::{Map, Value};

use Section::{CheckIns, Funnel, HeatMap, Metrics, Series, Sources, TicketTypes};

/// A field of a response, with the sections that it needs.
type Field = (&'static str, &'static [Section]);

/// The fields of payments and refunds, wherever they are.
const REVENUE: &str = "revenue";
/// The field with the fields of the comparison period.
const COMPARISON: &str = "comparison";

/// A response that a link shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SharedResponse {
    Dashboard,
    Funnel,
    Live,
}

/// The fields of every response.
const METADATA: &[Field] = &[
    ("eventId", &[]),
    ("title", &[]),
    ("dateFrom", &[]),
    ("dateTo", &[]),
    ("timezone", &[]),
    // It changes with every fact.
    ("asOf", &[Metrics]),
];

/// The totals of dashboards and live figures.
const TOTALS: &[Field] = &[
    ("totalViews", &[Metrics]),
    ("uniqueViews", &[Metrics]),
    ("totalRegistrations", &[Metrics]),
    ("confirmedRegistrations", &[Metrics]),
    ("checkedIn", &[Metrics]),
    ("viewToRegistrationRate", &[Metrics]),
    ("registrationToCheckinRate", &[Metrics]),
    ("cancellations", &[Metrics]),
    ("cancellationRate", &[Metrics]),
    ("basis", &[Metrics]),
    (REVENUE, &[Metrics]),
];

const DASHBOARD: &[Field] = &[
    ("firstFactAt", &[Metrics]),
    ("lastFactAt", &[Metrics]),
    ("change", &[Metrics]),
    ("byDay", &[Series]),
    ("series", &[Series]),
    // Needs the section of its dimension as well, which is that of the parameter `splitBy`.
    ("splitSeries", &[Series]),
    (COMPARISON, &[Series]),
    ("byHour", &[HeatMap]),
    ("checkInCurve", &[CheckIns]),
    ("bySource", &[Sources]),
    ("otherSources", &[Sources]),
    ("byTicketType", &[TicketTypes]),
    ("otherTicketTypes", &[TicketTypes]),
    ("bySourceAndTicketType", &[Sources, TicketTypes]),
    ("otherSourcesAndTicketTypes", &[Sources, TicketTypes]),
];

const FUNNEL: &[Field] = &[
    ("pageViews", &[Funnel]),
    ("registrationStarted", &[Funnel]),
    ("registrationCompleted", &[Funnel]),
    ("checkedIn", &[Funnel]),
    ("startRate", &[Funnel]),
    ("completionRate", &[Funnel]),
    ("attendanceRate", &[Funnel]),
    ("basis", &[Funnel]),
    ("steps", &[Funnel]),
    ("incomplete", &[Funnel]),
    ("groups", &[Funnel]),
    ("otherGroups", &[Funnel]),
    ("timeToConvert", &[Funnel]),
    ("change", &[Funnel]),
    (COMPARISON, &[Funnel, Series]),
];

const LIVE: &[Field] = &[("today", &[Metrics])];

impl SharedResponse {
    /// Returns the lists with the fields of the response.
    fn fields(self) -> &'static [&'static [Field]] {
        match self {
            Self::Dashboard => &[METADATA, TOTALS, DASHBOARD],
            Self::Funnel => &[METADATA, FUNNEL],
            Self::Live => &[METADATA, TOTALS, LIVE],
        }
    }

    /// Returns the part of a response that `view` shows.
    ///
    /// # Errors
    /// Fails if `json` is not a JSON object.
    pub fn visible_part(self, view: &SharedView, json: &[u8]) -> serde_json::Result<Vec<u8>> {
        let mut response: Map<String, Value> = serde_json::from_slice(json)?;
        self.retain_visible(view, &mut response);
        if !view.shows_revenue {
            response.values_mut().for_each(remove_revenue);
        }
        serde_json::to_vec(&response)
    }

    fn retain_visible(self, view: &SharedView, response: &mut Map<String, Value>) {
        response.retain(|name, _| self.shows(view, name));
        if let Some(Value::Object(comparison)) = response.get_mut(COMPARISON) {
            self.retain_visible(view, comparison);
        }
    }

    fn shows(self, view: &SharedView, name: &str) -> bool {
        let mut fields = self.fields().iter().copied().flatten();
        let needed = fields.find(|field| field.0 == name);
        let is_shown =
            needed.is_some_and(|(_, sections)| sections.iter().all(|&section| view.shows(section)));
        is_shown && (name != REVENUE || view.shows_revenue)
    }
}

fn remove_revenue(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(remove_revenue),
        Value::Object(fields) => {
            fields.remove(REVENUE);
            fields.values_mut().for_each(remove_revenue);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Checks that `view` shows the sections that the parameters of a request need: each with its name, whether it is
/// set, and the section. Everything is shown without a view.
///
/// # Errors
/// Fails with a problem that names the first parameter whose section is not shown.
pub fn check_parameters<const N: usize>(
    view: Option<&SharedView>,
    parameters: [(&'static str, bool, Section); N],
) -> Result<(), Problem> {
    let Some(view) = view else { return Ok(()) };
    let mut hidden = parameters.into_iter();
    match hidden.find(|&(_, is_set, section)| is_set && !view.shows(section)) {
        None => Ok(()),
        Some((name, _, section)) => {
            let message = format!(
                "needs the section `{}`, which the link does not show",
                section.name()
            );
            Err(not_shared(name, message))
        }
    }
}

/// Checks that a request of a link has none of these parameters, each with its name and whether it is set: they scan any
/// number of raw facts, and links must not take the scans of their organization.
///
/// # Errors
/// Fails with a problem that names the first parameter that is set.
pub fn check_no_scan<const N: usize>(
    view: Option<&SharedView>,
    parameters: [(&'static str, bool); N],
) -> Result<(), Problem> {
    let scan = parameters.into_iter().find(|&(_, is_set)| is_set);
    match (view, scan) {
        (Some(_), Some((name, _))) => Err(not_shared(name, "is not for share links")),
        _ => Ok(()),
    }
}

/// Returns the problem of a parameter that a link does not permit.
fn not_shared(name: &'static str, message: impl Into<String>) -> Problem {
    let (status, code) = (StatusCode::FORBIDDEN, "not_shared");
    Problem::for_field(status, code, "Not shared", name, message)
}

/// Checks that `view` shows a section, without which a response has no content.
///
/// # Errors
/// Fails if it does not.
pub fn check_section(view: Option<&SharedView>, section: Section) -> Result<(), Problem> {
    if view.is_none_or(|view| view.shows(section)) {
        return Ok(());
    }
    let detail = format!("the link does not show the section `{}`", section.name());
    Err(Problem::forbidden("not_shared", detail))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::api;

    fn view(sections: &[Section], shows_revenue: bool) -> SharedView {
        SharedView {
            share_id: Uuid::nil(),
            tenant_id: Uuid::nil(),
            event_id: Uuid::nil(),
            sections: sections.to_vec(),
            shows_revenue,
        }
    }

    /// The names of the fields in a schema of the OpenAPI document, those of flattened schemas included.
    fn documented_fields(document: &Value, schema: &str) -> Vec<String> {
        let schema = &document["components"]["schemas"][schema];
        let parts = schema["allOf"].as_array().cloned();
        let parts = parts.unwrap_or_else(|| vec![schema.clone()]);
        let mut fields = Vec::new();
        for part in parts {
            if let Some(reference) = part["$ref"].as_str() {
                let name = reference.rsplit('/').next().unwrap();
                fields.extend(documented_fields(document, name));
            }
            let own = part["properties"].as_object();
            fields.extend(own.into_iter().flat_map(|own| own.keys().cloned()));
        }
        assert!(!fields.is_empty(), "{schema}");
        fields
    }

    #[test]
    fn every_field_of_a_response_belongs_to_a_section() {
        let document: Value = serde_json::from_str(&api::service().spec()).unwrap();
        for (schema, response) in [
            ("Dashboard", SharedResponse::Dashboard),
            ("DashboardComparison", SharedResponse::Dashboard),
            ("Funnel", SharedResponse::Funnel),
            ("FunnelComparison", SharedResponse::Funnel),
            ("LiveMetrics", SharedResponse::Live),
        ] {
            for name in documented_fields(&document, schema) {
                let is_shown = response.shows(&view(&Section::ALL, true), &name);
                assert!(is_shown, "{schema}.{name}: assign it to a section");
            }
        }
    }

    #[test]
    fn every_parameter_needs_a_section_or_reveals_none() {
        // Those that handlers pass to `check_parameters`.
        let of_sections = [
            "dateFrom",
            "dateTo",
            "compare",
            "granularity",
            "source",
            "ticketType",
            "groupBy",
            "splitBy",
        ];
        let others = [
            "eventId",
            "timezone",
            "details",
            "page",
            "size",
            "cohort",
            "If-None-Match",
        ];
        let document: Value = serde_json::from_str(&api::service().spec()).unwrap();
        for response in ["dashboard", "funnel"] {
            let path = format!("/api/v1/analytics/events/{{eventId}}/{response}");
            let parameters = document["paths"][path.as_str()]["get"]["parameters"].as_array();
            for parameter in parameters.unwrap() {
                let name = parameter["name"].as_str().unwrap();
                let is_known = of_sections.contains(&name) || others.contains(&name);
                assert!(is_known, "{name}: decide whether it needs a section");
            }
        }
    }

    #[test]
    fn fields_of_other_sections_and_revenue_are_absent_wherever_they_are() {
        let json = json!({
            "eventId": 1, "totalViews": 2, "revenue": [{"amountCents": 3}], "unknown": 4,
            "byHour": [5], "bySourceAndTicketType": [6],
            "bySource": [{"source": "direct", "revenue": [{"amountCents": 7}]}],
            "comparison": {"dateFrom": "2026-11-01", "totalViews": 8, "revenue": [9], "byHour": [10]},
        });
        let part = |sections: &[Section], revenue| -> Value {
            let json = serde_json::to_vec(&json).unwrap();
            let visible = SharedResponse::Dashboard.visible_part(&view(sections, revenue), &json);
            serde_json::from_slice(&visible.unwrap()).unwrap()
        };
        assert_eq!(part(&[], true), json!({"eventId": 1}));
        let metrics = json!({"eventId": 1, "totalViews": 2});
        assert_eq!(part(&[Metrics], false), metrics);
        assert_eq!(
            part(&[Metrics], true)["revenue"],
            json!([{"amountCents": 3}])
        );
        let sources = json!({"eventId": 1, "bySource": [{"source": "direct"}]});
        assert_eq!(part(&[Sources], false), sources);
        let compared = part(&[Metrics, Series], false);
        let comparison = json!({"dateFrom": "2026-11-01", "totalViews": 8});
        assert_eq!(compared["comparison"], comparison);
        let both = part(&[Sources, TicketTypes], false);
        assert_eq!(both["bySourceAndTicketType"], json!([6]));
    }

    #[test]
    fn a_parameter_of_a_section_that_is_not_shown_is_refused() {
        let sources = view(&[Sources], false);
        let check = |view, is_set, section| check_parameters(view, [("source", is_set, section)]);
        assert!(check(None, true, Series).is_ok());
        assert!(check(Some(&sources), true, Sources).is_ok());
        assert!(check(Some(&sources), false, Series).is_ok());
        let refused = check(Some(&sources), true, Series).unwrap_err();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert!(check_section(Some(&sources), Funnel).is_err());
    }
}
