//! Time buckets, found by evaluating the local time every quarter of an hour: all offsets and all clock changes
//! are whole quarters.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Fact, Recount, figures, moment};

/// The granularity, and a local label that is unique to one time bucket.
pub const GRANULARITIES: [(&str, &str); 4] = [
    ("hour", "%F %H %z"),
    ("day", "%F"),
    ("week", "%G-%V"),
    ("month", "%Y-%m"),
];

/// Consecutive quarters of an hour in the same bucket.
struct Bucket {
    name: String,
    quarters: Vec<DateTime<Tz>>,
}

impl Recount {
    /// The series; `shows` labels the buckets.
    pub fn series(&self, shows: &str, now: DateTime<Utc>) -> Value {
        let name = |at: &DateTime<Tz>| at.format(shows).to_string();
        let quarter = Duration::minutes(15);
        let entry = |bucket: &Bucket| {
            let (begin, last) = (
                bucket.quarters[0],
                bucket.quarters[bucket.quarters.len() - 1],
            );
            let end = last + quarter;
            let is_cut = name(&(begin - quarter)) == bucket.name || name(&end) == bucket.name;
            let facts = self.facts.iter();
            let facts: Vec<&Fact> = facts.filter(|fact| name(&fact.at) == bucket.name).collect();
            let mut entry = figures(&facts);
            entry["dateFrom"] = json!(begin.date_naive());
            entry["dateTo"] = json!(last.date_naive());
            entry["startsAt"] = moment(&begin);
            entry["endsAt"] = moment(&end);
            entry["incomplete"] = json!(is_cut || end > now);
            entry
        };
        self.buckets(name).iter().map(entry).collect()
    }

    fn buckets(&self, name: impl Fn(&DateTime<Tz>) -> String) -> Vec<Bucket> {
        let mut buckets: Vec<Bucket> = Vec::new();
        for quarter in self.quarters() {
            let name = name(&quarter);
            match buckets.last_mut() {
                Some(last) if last.name == name => last.quarters.push(quarter),
                _ => buckets.push(Bucket {
                    name,
                    quarters: vec![quarter],
                }),
            }
        }
        buckets
    }

    /// Every quarter of an hour of the period.
    fn quarters(&self) -> impl Iterator<Item = DateTime<Tz>> {
        let (from, to) = self.period;
        let start = (from - Duration::days(2))
            .and_time(NaiveTime::MIN)
            .and_utc();
        let quarters = (0..).map(move |n| start + Duration::minutes(15 * n));
        quarters
            .map(|quarter| quarter.with_timezone(&self.zone))
            .skip_while(move |quarter| quarter.date_naive() < from)
            .take_while(move |quarter| quarter.date_naive() <= to)
    }
}
