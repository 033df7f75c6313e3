//! Figures by weekday and local hour.

use chrono::{Datelike, Timelike};
use serde_json::{Value, json};

use super::{Fact, Recount, count};

impl Recount {
    /// All hours of the week.
    pub fn by_hour(&self) -> Value {
        let hours = (1..=7_u32).flat_map(|weekday| (0..24_u32).map(move |hour| (weekday, hour)));
        let entry = |(weekday, hour): (u32, u32)| {
            let is_then = |fact: &&Fact| {
                fact.at.weekday().number_from_monday() == weekday && fact.at.hour() == hour
            };
            let facts: Vec<&Fact> = self.facts.iter().filter(is_then).collect();
            json!({"weekday": weekday, "hour": hour, "views": count(&facts, "page.view"),
                   "registrations": count(&facts, "registration.completed"),
                   "cancellations": count(&facts, "registration.cancelled"),
                   "checkIns": count(&facts, "checkin.completed")})
        };
        hours.map(entry).collect()
    }
}
