//! Dashboard, funnel and report.

use std::cmp::Reverse;

use serde_json::Value;

use super::when;
use crate::form::{bar, count, entries, money, percent, table, text, title, whole};

/// The number of days in the chart.
const DAYS: usize = 10;

/// Prints the dashboard of an event.
pub fn dashboard(answer: &Value) {
    title(&heading("Dashboard", &text(&answer["title"]), answer));
    metrics(answer);
    days(entries(&answer["byDay"]));
    when::hours_of_week(&answer["byHour"]);
    when::rush(&answer["checkInCurve"]);
    let sources = entries(&answer["bySource"]).iter().map(|source| {
        [
            text(&source["source"]),
            count(&source["views"]),
            count(&source["uniqueViews"]),
            count(&source["registrations"]),
            count(&source["checkIns"]),
            count(&source["convertedVisitors"]),
            percent(&source["conversionRate"]),
        ]
    });
    table(
        [
            "source",
            "views",
            "visitors",
            "registrations",
            "check-ins",
            "converted",
            "conversion",
        ],
        [false, true, true, true, true, true, true],
        sources,
    );
    let types = entries(&answer["byTicketType"]).iter().map(|one| {
        [
            text(&one["ticketTypeName"]),
            count(&one["registrations"]),
            count(&one["cancellations"]),
            count(&one["checkIns"]),
        ]
    });
    table(
        ["ticket type", "registrations", "cancellations", "check-ins"],
        [false, true, true, true],
        types,
    );
}

/// Prints the funnel of an event.
pub fn funnel(answer: &Value) {
    title(&heading("Funnel", &text(&answer["title"]), answer));
    let rates = ["", "startRate", "completionRate", "attendanceRate"];
    let steps = entries(&answer["steps"]);
    let longest = steps.iter().map(|step| whole(&step["count"])).max();
    let rows = steps.iter().zip(rates).map(|(step, rate)| {
        [
            text(&step["step"]),
            bar(whole(&step["count"]), longest.unwrap_or_default()),
            count(&step["count"]),
            count(&step["visitors"]),
            percent(&answer[rate]),
            count(&step["reached"]),
            percent(&step["reachedRateFromPrevious"]),
        ]
    });
    table(
        [
            "step",
            "",
            "count",
            "visitors",
            "of the step before",
            "people so far",
            "of the step before",
        ],
        [false, false, true, true, true, true, true],
        rows,
    );
    when::times(&answer["timeToConvert"]);
}

/// Prints the report of an organization.
pub fn report(answer: &Value) {
    title(&heading(
        "Report",
        &format!("organization {}", text(&answer["organizationId"])),
        answer,
    ));
    let totals = &answer["totals"];
    metrics(totals);
    let revenue = entries(&totals["revenue"])
        .iter()
        .map(|one| [text(&one["currency"]), count(&one["payments"]), money(one)]);
    table(
        ["currency", "payments", "revenue"],
        [false, true, true],
        revenue,
    );
    let events = entries(&answer["events"]).iter().map(|event| {
        let revenue: Vec<_> = entries(&event["revenue"]).iter().map(money).collect();
        [
            text(&event["title"]),
            text(&event["startsAt"]),
            count(&event["totalViews"]),
            count(&event["totalRegistrations"]),
            count(&event["checkedIn"]),
            revenue.join("\n"),
        ]
    });
    table(
        [
            "event",
            "starts",
            "views",
            "registrations",
            "check-ins",
            "revenue",
        ],
        [false, false, true, true, true, true],
        events,
    );
}

fn heading(what: &str, of: &str, answer: &Value) -> String {
    let [from, to, zone] = ["dateFrom", "dateTo", "timezone"].map(|name| text(&answer[name]));
    format!("{what}: {of}, {from} to {to}, {zone}")
}

fn metrics(figures: &Value) {
    let counts = [
        "totalViews",
        "uniqueViews",
        "totalRegistrations",
        "confirmedRegistrations",
        "checkedIn",
    ];
    let rates = ["viewToRegistrationRate", "registrationToCheckinRate"];
    let counts = counts.map(|name| [name.to_owned(), count(&figures[name])]);
    let rates = rates.map(|name| [name.to_owned(), percent(&figures[name])]);
    table(
        ["metric", "value"],
        [false, true],
        counts.into_iter().chain(rates),
    );
}

/// The days with the most views and check-ins, in order.
fn days(days: &[Value]) {
    let mut busiest: Vec<_> = days.iter().collect();
    busiest.sort_by_key(|day| Reverse(whole(&day["views"]) + whole(&day["checkIns"])));
    busiest.truncate(DAYS);
    let longest = busiest.iter().map(|day| whole(&day["views"])).max();
    busiest.sort_by_key(|day| text(&day["date"]));
    let rows = busiest.into_iter().map(|day| {
        [
            text(&day["date"]),
            bar(whole(&day["views"]), longest.unwrap_or_default()),
            count(&day["views"]),
            count(&day["uniqueViews"]),
            count(&day["registrations"]),
            count(&day["checkIns"]),
        ]
    });
    table(
        [
            "busiest days",
            "",
            "views",
            "visitors",
            "registrations",
            "check-ins",
        ],
        [false, false, true, true, true, true],
        rows,
    );
}
