//! The figures of dashboards and funnels, computed from the rows of exports.

use analytics_tests::world::World;
use chrono::DateTime;
use serde_json::{Value, json};
use uuid::Uuid;

/// The exported rows of an event.
pub struct Exports<'a> {
    event: Uuid,
    daily: Vec<&'a Value>,
    registrations: Vec<&'a Value>,
}

/// The parameters of an export.
fn period(ask: &Value) -> String {
    let [from, to, zone] =
        ["dateFrom", "dateTo", "timezone"].map(|name| ask[name].as_str().unwrap());
    format!("?dateFrom={from}&dateTo={to}&timezone={zone}")
}

impl<'a> Exports<'a> {
    /// The rows of `event`.
    pub fn of(event: Uuid, daily: &'a [Value], registrations: &'a [Value]) -> Self {
        let of_event = |rows: &'a [Value]| {
            let rows = rows.iter().filter(|row| row["eventId"] == json!(event));
            rows.collect()
        };
        Self {
            event,
            daily: of_event(daily),
            registrations: of_event(registrations),
        }
    }

    /// The sum of a column of the days.
    fn sum(&self, column: &str) -> u64 {
        let numbers = self.daily.iter().map(|row| row[column].as_u64().unwrap());
        numbers.sum()
    }

    /// The sum of a currency in a column of sums by currency.
    fn sum_of(&self, column: &str, currency: &str) -> i64 {
        let sums = self.daily.iter();
        sums.filter_map(|row| row[column][currency].as_i64()).sum()
    }

    /// The number of registrations with this time.
    fn with(&self, time: &str) -> usize {
        let registrations = self.registrations.iter();
        registrations.filter(|row| !row[time].is_null()).count()
    }

    /// Compares each day, and the revenue of the period.
    pub async fn agree_with_dashboard(&self, world: &World, tenant: Uuid, ask: &Value) {
        let dashboard = world.dashboard_json(tenant, self.event, &period(ask)).await;
        for day in dashboard["byDay"].as_array().unwrap() {
            let row = self.daily.iter().find(|row| row["date"] == day["date"]);
            for name in [
                "views",
                "uniqueViews",
                "registrations",
                "cancellations",
                "checkIns",
            ] {
                let figure = row.map_or(&json!(0), |row| &row[name]).clone();
                assert_eq!(figure, day[name], "{name} of {day}");
            }
        }
        let revenue = dashboard["revenue"].as_array().unwrap();
        for sum in revenue {
            let currency = sum["currency"].as_str().unwrap();
            for (column, name) in [("revenue", "amountCents"), ("refunded", "refundedCents")] {
                let cents = self.sum_of(column, currency);
                assert_eq!(json!(cents), sum[name], "{name} in {currency}");
            }
        }
        for name in ["payments", "refunds"] {
            let facts = revenue.iter().map(|sum| sum[name].as_u64().unwrap());
            assert_eq!(self.sum(name), facts.sum::<u64>(), "{name}");
        }
    }

    /// Compares the steps of the funnel; if all facts name registrations, also with the registrations.
    pub async fn agree_with_funnel(
        &self,
        world: &World,
        tenant: Uuid,
        ask: &Value,
        all_named: bool,
    ) {
        let path = format!("/events/{}/funnel{}&groupBy=day", self.event, period(ask));
        let funnel = world.read().of_tenant(tenant).read(&path).await;
        let columns = [
            ("views", "pageViews"),
            ("registrationsStarted", "registrationStarted"),
            ("registrations", "registrationCompleted"),
            ("checkIns", "checkedIn"),
        ];
        for (column, step) in columns {
            assert_eq!(json!(self.sum(column)), funnel[step], "{step} of {path}");
            for day in funnel["groups"].as_array().unwrap() {
                let row = self.daily.iter().find(|row| row["date"] == day["date"]);
                let figure = row.map_or(&json!(0), |row| &row[column]).clone();
                assert_eq!(figure, day[step], "{step} of {day}");
            }
        }
        if all_named {
            assert_eq!(
                json!(self.with("completedAt")),
                funnel["registrationCompleted"]
            );
            assert_eq!(json!(self.with("checkedInAt")), funnel["checkedIn"]);
            assert_eq!(
                self.times("startedAt", "completedAt"),
                funnel["timeToConvert"]["startToCompletion"]
            );
            assert_eq!(
                self.times("completedAt", "checkedInAt"),
                funnel["timeToConvert"]["completionToCheckIn"]
            );
        }
    }

    /// The duration from one time to the other.
    fn times(&self, from: &str, to: &str) -> Value {
        let time = |row: &Value, name: &str| {
            let text = row[name].as_str()?;
            Some(DateTime::parse_from_rfc3339(text).unwrap())
        };
        let seconds = self.registrations.iter().filter_map(|row| {
            let (from, to) = (time(row, from)?, time(row, to)?);
            (from <= to).then(|| (to - from).as_seconds_f64())
        });
        let mut seconds: Vec<f64> = seconds.collect();
        seconds.sort_by(f64::total_cmp);
        // The percentile by nearest rank.
        let nth = |n: usize| n.checked_sub(1).map(|at| seconds[at]);
        json!({"registrations": seconds.len(), "medianSeconds": nth(seconds.len().div_ceil(2)),
               "p90Seconds": nth((9 * seconds.len()).div_ceil(10))})
    }
}
