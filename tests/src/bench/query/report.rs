//! What the bench prints: what is stored, the tables, and the line for programs.

use serde_json::{Map, Value, json};

use super::{
    FACTS_OF_PERSON, FIRST, Measured, Measurement, ORGANIZATIONS, QueryOptions, SPAN, Situation,
    figure::Figure,
    files::{File, Format},
    latency::{Latency, milliseconds},
    options::TYPICAL,
    plain::Plain,
};
use crate::{
    bench::{
        mix::EVENTS,
        report::{mebibytes, rounded, seconds, whole},
        watch::Lap,
    },
    form::{number, table, title},
};

/// Prints what is stored.
pub fn facts(options: &QueryOptions) {
    title("Facts");
    println!(
        "{}, then {} facts of {} events of {ORGANIZATIONS} organizations; one event has {:.0} % of all, the \
         rest\nis shared by Zipf's law; one visitor for {FACTS_OF_PERSON} facts; {} days up to now.",
        number(options.small as u64),
        number(options.facts as u64),
        number(EVENTS as u64),
        FIRST * 100.0,
        SPAN.num_days()
    );
}

/// Prints the table of the figures of one number of facts.
pub fn figures(measured: &Measured) {
    title(&format!(
        "Figures of {} facts: milliseconds, and CPU seconds",
        number(measured.facts as u64)
    ));
    let rows = measured.plain.iter().flat_map(|(figure, plain)| {
        let of_figure = measured.figures.iter();
        let of_figure = of_figure.filter(|one| one.figure == *figure);
        let rows = of_figure.map(|one| measurement(one, plain));
        rows.chain([by_sql(*figure, plain)])
    });
    table(
        [
            "figure",
            "answers",
            "answers/s",
            "p50 ms",
            "p99 ms",
            "slowest",
            "made",
            "of SQL",
            "service",
            "PostgreSQL",
            "client",
            "rest",
        ],
        [
            false, true, true, true, true, true, true, true, true, true, true, true,
        ],
        rows,
    );
}

fn measurement(one: &Measurement, plain: &Plain) -> [String; 12] {
    let name = format!("{}, {}", one.figure, one.situation);
    let made = one.made.map_or("–".to_owned(), number);
    let speedup = format!("{}×", number(whole(speedup(plain, &one.latency))));
    row(name, one.lap.as_ref(), &one.latency, made, speedup)
}

fn by_sql(figure: Figure, plain: &Plain) -> [String; 12] {
    let name = format!("  {figure} by plain SQL");
    row(
        name,
        Some(&plain.lap),
        &plain.latency,
        String::new(),
        String::new(),
    )
}

fn row(
    name: String,
    lap: Option<&Lap>,
    latency: &Latency,
    made: String,
    speedup: String,
) -> [String; 12] {
    let time = |time| format!("{:.2}", milliseconds(time));
    let cpu = |of: fn(&Lap) -> Option<f64>| seconds(lap.and_then(of));
    [
        name,
        lap.map_or("–".to_owned(), |lap| number(lap.number as u64)),
        lap.map_or("–".to_owned(), |lap| format!("{:.1}", lap.per_second())),
        time(latency.median()),
        time(latency.p99()),
        time(latency.slowest()),
        made,
        speedup,
        cpu(|lap| lap.cpu.service),
        cpu(|lap| lap.cpu.postgres),
        cpu(|lap| lap.cpu.client),
        cpu(|lap| lap.cpu.rest),
    ]
}

/// How many times faster the middle answer is than plain SQL.
fn speedup(plain: &Plain, latency: &Latency) -> f64 {
    plain.latency.median().as_secs_f64() / latency.median().as_secs_f64()
}

/// Prints the table of the files.
pub fn files(files: &[File]) {
    title("Files of the most popular event, and CPU seconds");
    let rows = files.iter().map(|file| {
        let lap = &file.lap;
        [
            file.format.to_string(),
            number(lap.number as u64),
            seconds(Some(lap.took.as_secs_f64())),
            number(whole(lap.per_second())),
            format!("{:.3}", 1.0 / lap.took.as_secs_f64()),
            format!("{:.2}", ratio(file, files)),
            file.growth_kib.map_or("–".to_owned(), |growth| {
                format!("{:.1}", mebibytes(growth))
            }),
            seconds(lap.cpu.service),
            seconds(lap.cpu.postgres),
            seconds(lap.cpu.client),
            seconds(lap.cpu.rest),
        ]
    });
    table(
        [
            "file",
            "rows",
            "seconds",
            "rows/s",
            "files/s",
            "of COPY",
            "growth MiB",
            "service",
            "PostgreSQL",
            "client",
            "rest",
        ],
        [
            false, true, true, true, true, true, true, true, true, true, true,
        ],
        rows,
    );
}

/// The speed of a file, where that of `COPY` is 1.
fn ratio(file: &File, files: &[File]) -> f64 {
    let copy = files.iter().find(|file| file.format == Format::Copy);
    copy.map_or(f64::NAN, |copy| {
        file.lap.per_second() / copy.lap.per_second()
    })
}

/// The line for programs: figures of the large database at [`TYPICAL`] clients, and exports.
pub fn object(small: &Measured, large: &Measured) -> Value {
    let mut object = Map::new();
    for (figure, plain) in &large.plain {
        let (Some(before), Some(latency)) = (typical(small, *figure), typical(large, *figure))
        else {
            continue;
        };
        let growth = latency.p99().as_secs_f64() / before.p99().as_secs_f64();
        let figures = json!({
            "p50_ms": rounded(milliseconds(latency.median()), 1_000.0),
            "p99_ms": rounded(milliseconds(latency.p99()), 1_000.0),
            "growth": rounded(growth, 1_000.0),
            "speedup": rounded(speedup(plain, latency), 10.0),
        });
        object.insert(figure.to_string(), figures);
    }
    for file in &large.files {
        let name = match file.format {
            Format::Copy => continue,
            Format::Csv => "export_csv",
            Format::Xlsx => "export_xlsx",
        };
        let figures = json!({
            "ratio": rounded(ratio(file, &large.files), 1_000.0),
            "growth_mib": rounded(mebibytes(file.growth_kib.unwrap_or_default()), 10.0),
        });
        object.insert(name.to_owned(), figures);
    }
    Value::Object(object)
}

fn typical(measured: &Measured, figure: Figure) -> Option<&Latency> {
    let typical = Situation::Arriving(TYPICAL);
    let mut all = measured.figures.iter();
    let found = all.find(|one| one.figure == figure && one.situation == typical);
    found.map(|one| &one.latency)
}
