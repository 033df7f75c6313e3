//! The machine-readable line.

use serde_json::{Map, Value, json};

use crate::bench::{
    ingest::{Bench, Way, comparison::Comparison, floors::FloorKind},
    report::{beside_baseline, commits_object, mebibytes, rounded, whole},
    watch::Lap,
};

/// The object: the commits, and the figures of each transport. For single facts, those of the headline and, under
/// `connections`, those of each number of connections.
pub fn object(bench: &Bench, comparisons: &[Comparison]) -> Value {
    let mut object = commits_object(&bench.programs);
    for one in comparisons {
        let figures = figures(one);
        let name = one.way.name();
        let Some(connections) = one.connections else {
            object.insert(name.to_owned(), Value::Object(figures));
            continue;
        };
        let single = object.entry(name).or_insert_with(|| json!({}));
        if connections == bench.headline_connections {
            for (field, value) in &figures {
                single[field] = value.clone();
            }
        }
        single["connections"][connections.to_string()] = Value::Object(figures);
    }
    Value::Object(object)
}

fn figures(one: &Comparison) -> Map<String, Value> {
    let mut current = of_lap(&one.current);
    let floor = if one.way == Way::Single {
        FloorKind::EmptyRoute
    } else {
        FloorKind::Copy
    };
    let ratios = [("ratio", floor), ("insert_ratio", FloorKind::Insert)];
    let baseline = one.baseline.as_ref().map(of_lap);
    let mut figures = beside_baseline(std::mem::take(&mut current), baseline);
    for (name, kind) in ratios {
        if let Some(ratio) = one.ratio(kind) {
            figures.insert(name.to_owned(), json!(rounded(ratio, 1_000.0)));
        }
    }
    figures
}

/// The figures of a measurement; unknown ones are `null`.
fn of_lap(lap: &Lap) -> Map<String, Value> {
    let tenth = |value: Option<f64>| json!(value.map(|value| rounded(value, 10.0)));
    let waited = lap.compaction_wait.map(|wait| wait.as_secs_f64());
    let figures = [
        ("facts", json!(lap.number)),
        ("seconds", tenth(Some(lap.took.as_secs_f64()))),
        ("per_s", json!(whole(lap.per_second()))),
        ("peak_mib", tenth(lap.peak_kib.map(mebibytes))),
        ("service_us", tenth(lap.service_micros())),
        ("postgres_us", tenth(lap.postgres_micros())),
        ("compaction_s", tenth(waited)),
    ];
    figures
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
