//! Compares the responses with the expected figures, one by one.

use serde_json::{Map, Value};

/// The fields that identify a list entry, in order of preference.
const KEYS: [&str; 6] = [
    "date",
    "source",
    "ticketTypeName",
    "step",
    "currency",
    "eventId",
];
/// The tolerance for rates: parsing may lose the last digit.
const ROUNDING: f64 = 1e-12;

/// The result of the comparison.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The number of compared figures.
    pub figures: usize,
    /// The differences.
    pub differences: Vec<Difference>,
}

/// A figure that is not as expected.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// The path of the figure.
    pub figure: String,
    /// The expected value.
    pub sent: String,
    /// The actual value.
    pub answered: String,
}

/// Compares every figure of `sent`. A response may have more fields, but not more entries of a list.
pub fn compare(sent: &Value, answered: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    comparison.value("", Some(sent), Some(answered));
    comparison
}

impl Comparison {
    fn value(&mut self, figure: &str, sent: Option<&Value>, answered: Option<&Value>) {
        match (sent, answered) {
            (Some(Value::Object(sent)), Some(Value::Object(answered))) => {
                self.object(figure, sent, answered);
            }
            (Some(Value::Array(sent)), Some(Value::Array(answered))) => {
                self.list(figure, sent, answered);
            }
            _ => self.figure(figure, sent, answered),
        }
    }

    fn object(&mut self, figure: &str, sent: &Map<String, Value>, answered: &Map<String, Value>) {
        for (name, sent) in sent {
            let separator = if figure.is_empty() { "" } else { ": " };
            self.value(
                &format!("{figure}{separator}{name}"),
                Some(sent),
                answered.get(name),
            );
        }
    }

    fn list(&mut self, figure: &str, sent: &[Value], answered: &[Value]) {
        self.figure(
            &format!("{figure}, entries"),
            Some(&sent.len().into()),
            Some(&answered.len().into()),
        );
        for entry in sent {
            let same = answered.iter().find(|other| key(other) == key(entry));
            self.value(&format!("{figure} {}", key(entry)), Some(entry), same);
        }
        let known = |entry: &&Value| sent.iter().any(|other| key(other) == key(entry));
        for entry in answered.iter().filter(|entry| !known(entry)) {
            self.figure(&format!("{figure} {}", key(entry)), None, Some(entry));
        }
    }

    fn figure(&mut self, figure: &str, sent: Option<&Value>, answered: Option<&Value>) {
        self.figures += 1;
        if !equal(sent, answered) {
            let text = |value: Option<&Value>| match value {
                None => "nothing".to_owned(),
                Some(Value::Object(_) | Value::Array(_)) => "something".to_owned(),
                Some(value) => value.to_string(),
            };
            self.differences.push(Difference {
                figure: figure.to_owned(),
                sent: text(sent),
                answered: text(answered),
            });
        }
    }
}

fn key(entry: &Value) -> &str {
    let key = KEYS.iter().find_map(|name| entry.get(name)?.as_str());
    key.unwrap_or("without a name")
}

fn equal(sent: Option<&Value>, answered: Option<&Value>) -> bool {
    let numbers = sent
        .and_then(Value::as_f64)
        .zip(answered.and_then(Value::as_f64));
    match numbers {
        Some((sent, answered)) => (sent - answered).abs() < ROUNDING,
        None => sent == answered,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differing(sent: &Value, answered: &Value) -> Vec<String> {
        let differences = compare(sent, answered).differences;
        differences.into_iter().map(|one| one.figure).collect()
    }

    #[test]
    fn entries_are_compared_by_their_names_in_any_order() {
        let sent = json!({"bySource": [{"source": "a", "views": 1}, {"source": "b", "views": 2}]});
        let answered =
            json!({"bySource": [{"source": "b", "views": 2}, {"source": "a", "views": 1}]});
        let comparison = compare(&sent, &answered);
        assert_eq!(comparison.differences, []);
        assert_eq!(comparison.figures, 5);
    }

    #[test]
    fn a_figure_that_differs_is_named() {
        let sent = json!({"funnel": {"steps": [{"step": "pageViews", "count": 2}], "rate": 0.5}});
        let answered =
            json!({"funnel": {"steps": [{"step": "pageViews", "count": 3}], "rate": null}});
        assert_eq!(
            differing(&sent, &answered),
            ["funnel: rate", "funnel: steps pageViews: count"]
        );
    }

    #[test]
    fn an_entry_too_many_and_one_too_few_are_differences() {
        let sent = json!({"bySource": [{"source": "a"}, {"source": "b"}]});
        let answered = json!({"bySource": [{"source": "a"}, {"source": "c"}], "more": 1});
        assert_eq!(differing(&sent, &answered), ["bySource b", "bySource c"]);
    }
}
