//! The funnel of all facts, and of groups.

use std::{collections::BTreeMap, rc::Rc};

use serde_json::{Value, json};

use super::{Fact, Group, Recount, basis, count, rate, visitors};

/// The steps in order, and the types of their facts.
const STEPS: [(&str, &str); 4] = [
    ("pageViews", "page.view"),
    ("registrationStarted", "registration.started"),
    ("registrationCompleted", "registration.completed"),
    ("checkedIn", "checkin.completed"),
];

impl Recount {
    /// Counts, rates and steps.
    pub fn steps(&self) -> Value {
        let all: Vec<&Fact> = self.facts.iter().collect();
        let counts = STEPS.map(|(_, event_type)| count(&all, event_type));
        let reached = self.reached();
        let step = |(at, (name, event_type)): (usize, (&str, &str))| {
            let before = at.checked_sub(1).map(|before| counts[before]);
            json!({"step": name, "count": counts[at], "visitors": visitors(&all, event_type),
                   "conversionFromPrevious": before.and_then(|before| rate(counts[at], before)),
                   "conversionFromFirst": rate(counts[at], counts[0]),
                   "reached": reached[at],
                   "reachedRateFromPrevious": at.checked_sub(1).and_then(|before| rate(reached[at], reached[before])),
                   "reachedRateFromFirst": rate(reached[at], reached[0]),
                   "dropOff": before.map_or(0, |before| before.saturating_sub(counts[at]))})
        };
        let steps: Vec<_> = STEPS.into_iter().enumerate().map(step).collect();
        let rates = ["conversionFromPrevious", "conversionFromFirst"];
        let rates = steps
            .iter()
            .flat_map(|step| rates.map(|name| step[name].as_f64()));
        let basis = basis(rates);
        let [views, started, completed, checked_in] = counts;
        json!({"basis": basis, "pageViews": views, "registrationStarted": started,
               "registrationCompleted": completed, "checkedIn": checked_in,
               "startRate": rate(started, views), "completionRate": rate(completed, started),
               "attendanceRate": rate(checked_in, completed), "steps": steps})
    }

    /// The groups of `groupBy`; days are in order.
    pub fn groups(&self, group_by: &str) -> Value {
        let source = |fact: &Fact| (fact.text("source"), None, None);
        let ticket_type = |fact: &Fact| {
            let (id, name) = self.ticket_type_with_name(fact);
            (None, id, name)
        };
        match group_by {
            "source" => self.grouped("source", source),
            "ticketType" => self.grouped("ticketType", ticket_type),
            _ => self.days(),
        }
    }

    /// The ticket type of a fact with the name that the period has for its id.
    pub(super) fn ticket_type_with_name(&self, fact: &Fact) -> (Option<String>, Option<String>) {
        let (id, name) = self.ticket_type(fact);
        let name = id.as_ref().map_or(name, |id| self.name_of(id));
        (id, name)
    }

    fn grouped(
        &self,
        by: &'static str,
        group: impl Fn(&Fact) -> (Option<String>, Option<String>, Option<String>),
    ) -> Value {
        let mut groups: BTreeMap<_, Vec<Fact>> = BTreeMap::new();
        let is_step = |fact: &&Fact| STEPS.iter().any(|(_, event_type)| fact.is(event_type));
        for fact in self.facts.iter().filter(is_step) {
            groups.entry(group(fact)).or_default().push(fact.clone());
        }
        let entries = groups.into_iter().map(|(key, facts)| {
            let group = Self {
                facts,
                group: Group {
                    by: Some(by),
                    key: key.clone(),
                },
                ..self.of_facts(|_| true)
            };
            let mut entry = group.steps();
            let (source, id, name) = key;
            entry["source"] = json!(source);
            entry["ticketTypeId"] = json!(id);
            entry["ticketTypeName"] = json!(name);
            entry["date"] = Value::Null;
            entry
        });
        entries.collect()
    }

    fn days(&self) -> Value {
        let days = self.period.0.iter_days();
        let days = days.take_while(|day| *day <= self.period.1);
        let entries = days.map(|day| {
            let of_day = self.all.iter().filter(|fact| fact.day == day).cloned();
            let of_day = Self {
                all: Rc::new(of_day.collect()),
                ..self.of_facts(|fact| fact.day == day)
            };
            let mut entry = of_day.steps();
            for name in ["source", "ticketTypeId", "ticketTypeName"] {
                entry[name] = Value::Null;
            }
            entry["date"] = json!(day);
            entry
        });
        entries.collect()
    }
}
