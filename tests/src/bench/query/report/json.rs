//! The machine-readable line.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Compared, files, speedup, zone_change};
use crate::bench::{
    programs::Programs,
    query::{
        figure::Figure,
        files::Format,
        latency::{Latency, milliseconds},
        measurement::{Measured, Situation},
        options::TYPICAL,
    },
    report::{beside_baseline, commits_object, mebibytes, rounded, whole},
};

/// The object: the commits, figures of the large database at [`TYPICAL`] clients, and exports.
pub fn object(programs: &[Programs], small: Compared, large: Compared) -> Value {
    let mut object = commits_object(programs);
    for name in Figure::ALL {
        let of = |small: &Measured, large: &Measured| figure(name, small, large);
        let baseline = small.baseline.zip(large.baseline);
        let baseline = baseline.and_then(|(small, large)| of(small, large));
        if let Some(current) = of(small.current, large.current) {
            let figures = beside_baseline(current, baseline);
            object.insert(name.to_string(), Value::Object(figures));
        }
    }
    for (name, format) in [("export_csv", Format::Csv), ("export_xlsx", Format::Xlsx)] {
        let baseline = large.baseline.and_then(|measured| export(format, measured));
        if let Some(current) = export(format, large.current) {
            let figures = beside_baseline(current, baseline);
            object.insert(name.to_owned(), Value::Object(figures));
        }
    }
    if let Some(change) = &large.current.zone_change {
        object.insert("zone_change".to_owned(), zone_change::object(change));
    }
    Value::Object(object)
}

fn figure(figure: Figure, small: &Measured, large: &Measured) -> Option<Map<String, Value>> {
    let typical = Situation::Arriving(TYPICAL);
    let before = &small.find(figure, typical)?.latency;
    let measured = large.find(figure, typical)?;
    let latency = &measured.latency;
    let growth = latency.p99().as_secs_f64() / before.p99().as_secs_f64();
    let mut figures = Map::new();
    percentiles(&mut figures, "", latency);
    let speedup = speedup(large.plain(figure)?, latency);
    figures.insert("growth".to_owned(), json!(rounded(growth, 1_000.0)));
    figures.insert("speedup".to_owned(), json!(rounded(speedup, 10.0)));
    let peak = mebibytes(measured.peak_kib);
    figures.insert("peak_mib".to_owned(), json!(rounded(peak, 10.0)));
    for (prefix, situation) in [
        ("recomputed_", Situation::Recomputed),
        (
            "recomputed_during_export_",
            Situation::RecomputedDuringExport,
        ),
    ] {
        percentiles(
            &mut figures,
            prefix,
            &large.find(figure, situation)?.latency,
        );
    }
    Some(figures)
}

fn percentiles(figures: &mut Map<String, Value>, prefix: &str, latency: &Latency) {
    let value = |time: Duration| json!(rounded(milliseconds(time), 1_000.0));
    figures.insert(format!("{prefix}p50_ms"), value(latency.median()));
    figures.insert(format!("{prefix}p99_ms"), value(latency.p99()));
}

fn export(format: Format, measured: &Measured) -> Option<Map<String, Value>> {
    let file = files::find(&measured.files, format)?;
    let ratio = files::ratio(file, &measured.files)?;
    let growth = mebibytes(file.growth_kib.unwrap_or_default());
    let figures = [
        ("rows_per_s", json!(whole(file.lap.per_second()))),
        ("ratio", json!(rounded(ratio, 1_000.0))),
        ("growth_mib", json!(rounded(growth, 10.0))),
    ];
    let figures = figures
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Some(figures.collect())
}
