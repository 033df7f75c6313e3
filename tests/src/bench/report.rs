//! Numbers in the tables and the machine-readable lines of the bench, and the comparison with a baseline.

use serde_json::{Map, Value, json};

use super::programs::Programs;
use crate::form::title;

/// The cell of an unknown value.
pub const ABSENT: &str = "–";
/// Figures of the amount of work, which are not compared with a baseline.
const AMOUNTS: [&str; 2] = ["facts", "seconds"];

/// A number of seconds, if it is known.
pub fn seconds(used: Option<f64>) -> String {
    optional(used, 1, ABSENT)
}

/// A value with this number of decimals, or `absent`.
pub fn optional(value: Option<f64>, decimals: usize, absent: &str) -> String {
    value.map_or(absent.to_owned(), |value| format!("{value:.decimals$}"))
}

/// The value, rounded to this number of parts of one.
pub fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// A rate, rounded to an integer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate"
)]
pub fn whole(rate: f64) -> u64 {
    rate.round() as u64
}

/// KiB in MiB.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1_024.0
}

/// Prints the commits of the binaries.
pub fn commits(programs: &[Programs]) {
    title("Commits");
    for one in programs {
        println!("{}", one.label(&one.commit));
    }
}

/// An object with the commits of the binaries: `commit`, and `baseline_commit` or `null`.
pub fn commits_object(programs: &[Programs]) -> Map<String, Value> {
    let commit = |is_baseline| {
        let found = programs.iter().find(|one| one.is_baseline() == is_baseline);
        json!(found.map(|one| &one.commit))
    };
    let commits = [("commit", commit(false)), ("baseline_commit", commit(true))];
    commits
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Adds the figures of the baseline as `baseline`, and as `of_baseline` each figure of the current
/// binaries divided by that of the baseline.
pub fn beside_baseline(
    mut current: Map<String, Value>,
    baseline: Option<Map<String, Value>>,
) -> Map<String, Value> {
    let Some(baseline) = baseline else {
        return current;
    };
    let ratio = |(name, figure): (&String, &Value)| {
        if AMOUNTS.contains(&name.as_str()) {
            return None;
        }
        let baseline = baseline.get(name)?.as_f64().filter(|value| *value != 0.0)?;
        let ratio = rounded(figure.as_f64()? / baseline, 1_000.0);
        Some((name.clone(), json!(ratio)))
    };
    let ratios: Map<String, Value> = current.iter().filter_map(ratio).collect();
    current.insert("baseline".to_owned(), Value::Object(baseline));
    current.insert("of_baseline".to_owned(), Value::Object(ratios));
    current
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn figures_are_divided_by_those_of_the_baseline() {
        let current = map(
            &json!({"per_s": 300, "peak_mib": 50.0, "facts": 2, "compaction_s": 1.0, "new": 1}),
        );
        let baseline =
            map(&json!({"per_s": 100, "peak_mib": 100.0, "facts": 4, "compaction_s": null}));
        let both = Value::Object(beside_baseline(current, Some(baseline)));
        assert_eq!(both["of_baseline"], json!({"per_s": 3.0, "peak_mib": 0.5}));
        assert_eq!(both["baseline"]["per_s"], 100);
        assert_eq!(both["per_s"], 300);
    }

    #[test]
    fn without_a_baseline_nothing_is_added() {
        let current = map(&json!({"per_s": 300}));
        assert_eq!(beside_baseline(current.clone(), None), current);
    }

    #[test]
    fn absent_values_have_a_dash() {
        assert_eq!(seconds(None), "–");
        assert_eq!(seconds(Some(1.25)), "1.2");
        assert_eq!(optional(Some(0.125), 2, ""), "0.12");
    }
}
