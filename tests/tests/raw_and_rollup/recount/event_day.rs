//! The figures relative to the start of the event, and the first and the last fact.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use serde_json::{Value, json};

use super::{Recount, moment};

/// The types that metrics count.
const COUNTED: [&str; 7] = [
    "page.view",
    "registration.started",
    "registration.completed",
    "registration.cancelled",
    "checkin.completed",
    "payment.completed",
    "payment.refunded",
];

impl Recount {
    /// The times of the first and the last fact that metrics count.
    pub fn first_and_last(&self) -> [Value; 2] {
        let counted = self.facts.iter();
        let counted = counted.filter(|fact| COUNTED.contains(&fact.event_type.as_str()));
        let moments: Vec<_> = counted.map(|fact| fact.at.with_timezone(&Utc)).collect();
        let told = |at: Option<&DateTime<Utc>>| at.map_or(Value::Null, moment);
        [told(moments.first()), told(moments.last())]
    }

    /// The days from each day of the period to the day on which the event starts.
    pub fn days_to_event(&self, starts_at: DateTime<Utc>) -> Vec<i64> {
        let event_day = self.event_day(starts_at);
        let days = self.period.0.iter_days();
        let days = days.take_while(|day| *day <= self.period.1);
        days.map(|day| (event_day - day).num_days()).collect()
    }

    /// Check-ins by minute on the day on which the event starts, if the period contains it.
    pub fn check_in_curve(&self, starts_at: DateTime<Utc>) -> Value {
        let date = self.event_day(starts_at);
        if !(self.period.0..=self.period.1).contains(&date) {
            return Value::Null;
        }
        let mut minutes = BTreeMap::new();
        let check_ins = self
            .facts
            .iter()
            .filter(|fact| fact.is("checkin.completed"));
        for fact in check_ins.filter(|fact| fact.day == date) {
            let minute = fact.at.with_second(0).and_then(|at| at.with_nanosecond(0));
            *minutes.entry(minute.unwrap()).or_insert(0) += 1;
        }
        let mut total = 0;
        let points = minutes.into_iter().map(|(minute, check_ins)| {
            total += check_ins;
            json!({"at": moment(&minute), "checkIns": check_ins, "total": total})
        });
        json!({"date": date, "points": points.collect::<Vec<_>>()})
    }

    fn event_day(&self, starts_at: DateTime<Utc>) -> NaiveDate {
        starts_at.with_timezone(&self.zone).date_naive()
    }
}
