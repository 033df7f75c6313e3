//! The comparison with an earlier period.

use serde_json::{Map, Value, json};

use super::{Fact, Recount, totals};

/// The compared metrics of the dashboard.
const OF_DASHBOARD: [&str; 9] = [
    "totalViews",
    "uniqueViews",
    "totalRegistrations",
    "confirmedRegistrations",
    "checkedIn",
    "cancellations",
    "viewToRegistrationRate",
    "registrationToCheckinRate",
    "cancellationRate",
];
/// The compared metrics of the funnel.
const OF_FUNNEL: [&str; 7] = [
    "pageViews",
    "registrationStarted",
    "registrationCompleted",
    "checkedIn",
    "startRate",
    "completionRate",
    "attendanceRate",
];

impl Recount {
    /// The comparison of dashboards and reports with `earlier`.
    pub fn compared(&self, earlier: &Self) -> Value {
        let totals = |recount: &Self| totals(&recount.facts.iter().collect::<Vec<&Fact>>());
        let mut comparison = compared(earlier, totals(earlier), &totals(self), &OF_DASHBOARD);
        comparison["byDay"] = earlier.by_day();
        comparison
    }

    /// The comparison of funnels with `earlier`.
    pub fn funnel_compared(&self, earlier: &Self) -> Value {
        compared(earlier, earlier.steps(), &self.steps(), &OF_FUNNEL)
    }
}

fn compared(earlier: &Recount, mut figures: Value, now: &Value, names: &[&str]) -> Value {
    let change = names.iter().map(|&name| {
        let change = change(figures[name].as_f64(), now[name].as_f64());
        (name.to_owned(), change)
    });
    let change: Map<String, Value> = change.collect();
    figures["change"] = change.into();
    figures["dateFrom"] = json!(earlier.period.0);
    figures["dateTo"] = json!(earlier.period.1);
    figures
}

/// No change if either value is unknown, and no relative change from 0.
fn change(earlier: Option<f64>, now: Option<f64>) -> Value {
    let (Some(earlier), Some(now)) = (earlier, now) else {
        return Value::Null;
    };
    let relative = (earlier != 0.0).then(|| (now - earlier) / earlier);
    json!({"absolute": now - earlier, "relative": relative})
}
