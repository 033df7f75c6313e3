//! The time to convert: from a start to its completion, and from there to the check-in.

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Fact, Filter, Recount};

impl Recount {
    /// The times of the registrations whose completion matches. `self` has all facts of the period.
    pub fn times(&self, filter: &Filter) -> Value {
        let (mut to_completion, mut to_check_in) = (Vec::new(), Vec::new());
        for completion in self.completions() {
            if !self.is_wanted(completion, filter) {
                continue;
            }
            to_completion.extend(span(self.start_of(completion), Some(completion.at)));
            let check_in = self.first("checkin.completed", completion);
            to_check_in.extend(span(Some(completion.at), check_in));
        }
        json!({"startToCompletion": summary(to_completion),
               "completionToCheckIn": summary(to_check_in)})
    }

    /// The first completion of each registration.
    fn completions(&self) -> impl Iterator<Item = &Fact> {
        let completions = self.facts.iter();
        let completions = completions.filter(|fact| {
            fact.is("registration.completed") && fact.text("registrationId").is_some()
        });
        completions.filter(|fact| self.first("registration.completed", fact) == Some(fact.at))
    }

    /// The time of the first fact of a type for the same registration.
    fn first(&self, event_type: &str, of: &Fact) -> Option<DateTime<Tz>> {
        let mut facts = self.facts.iter().filter(|fact| fact.is(event_type));
        let registration = of.text("registrationId");
        let first = facts.find(|fact| fact.text("registrationId") == registration);
        first.map(|fact| fact.at)
    }

    /// The first start with the id of the registration, else the latest earlier start of the same visitor
    /// without an id.
    fn start_of(&self, completion: &Fact) -> Option<DateTime<Tz>> {
        let named = self.first("registration.started", completion);
        let visitor = completion.visitor();
        let is_theirs = |fact: &&Fact| {
            fact.is("registration.started")
                && fact.text("registrationId").is_none()
                && visitor.is_some()
                && fact.visitor() == visitor
                && fact.at <= completion.at
        };
        named.or_else(|| self.facts.iter().rfind(is_theirs).map(|fact| fact.at))
    }
}

/// Milliseconds from one time to a later one.
fn span(from: Option<DateTime<Tz>>, to: Option<DateTime<Tz>>) -> Option<i64> {
    let span = (to? - from?).num_milliseconds();
    (span >= 0).then_some(span)
}

fn summary(mut spans: Vec<i64>) -> Value {
    spans.sort_unstable();
    json!({"registrations": spans.len(), "medianSeconds": percentile(&spans, 50),
           "p90Seconds": percentile(&spans, 90)})
}

/// The percentile by nearest rank, in seconds.
#[expect(clippy::cast_precision_loss, reason = "spans of some days")]
fn percentile(spans: &[i64], percent: usize) -> Option<f64> {
    let is_enough = |span: &&i64| {
        let within = spans.iter().filter(|one| one <= span).count();
        100 * within >= percent * spans.len()
    };
    let span = spans.iter().find(is_enough);
    span.map(|&span| span as f64 / 1_000.0)
}
