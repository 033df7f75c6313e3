//! What the bench prints: how the facts are mixed, the table, and the line for programs.

use serde_json::{Map, Value, json};

use super::{Bench, Comparison, SHAPE, Way, batch, single};
use crate::{
    bench::{
        mix::{EVENTS, Fact},
        report::{mebibytes, rounded, seconds, whole},
        watch::Lap,
    },
    form::{number, table, title},
    simulator::Kind,
};

/// Prints what is sent.
pub fn mix(bench: &Bench, ways: &[Way]) {
    title("Facts");
    println!(
        "{} events of {} organizations, popularity by Zipf's law; {} visitors, each of one \
         organization,\nas many as its events are popular; UUIDv7 ids, nearly in order of time, over \
         {} days up to now.",
        number(EVENTS as u64),
        number(SHAPE.organizations as u64),
        number(SHAPE.visitors as u64),
        SHAPE.span.num_days()
    );
    if ways.iter().any(|way| *way != Way::Amqp) {
        println!("HTTP and import: {}", shares(&bench.everything));
    }
    if ways.contains(&Way::Amqp) {
        println!("RabbitMQ: {}", shares(&bench.platform));
    }
}

/// How many of a hundred facts are of each kind.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn shares(facts: &[Fact]) -> String {
    let share = |kind: Kind| {
        let number = facts.iter().filter(|fact| fact.deed.kind() == kind).count();
        let percent = number as f64 * 100.0 / facts.len() as f64;
        (number > 0).then(|| format!("{percent:.1} % {}", kind.event_type()))
    };
    let shares: Vec<String> = Kind::ALL.into_iter().filter_map(share).collect();
    format!(
        "{} facts, {}",
        number(facts.len() as u64),
        shares.join(", ")
    )
}

/// Prints the table and, as the last line, the JSON object.
pub fn measured(comparisons: &[Comparison]) {
    title("Facts per second, memory, and CPU seconds");
    let rows = comparisons.iter().flat_map(|one| {
        let (way, floor) = names(one.way);
        [
            row(way, &one.taken, &format!("{:.2}", one.ratio())),
            row(floor, &one.floor, ""),
        ]
    });
    table(
        [
            "way",
            "facts",
            "seconds",
            "facts/s",
            "of floor",
            "peak MiB",
            "writing",
            "service",
            "PostgreSQL",
            "RabbitMQ",
            "client",
            "rest",
        ],
        [
            false, true, true, true, true, true, true, true, true, true, true, true,
        ],
        rows,
    );
    println!("{}", object(comparisons));
}

/// The names of a way and of its floor.
fn names(way: Way) -> (String, &'static str) {
    let copy = "  floor: COPY of the same rows";
    match way {
        Way::Single => (
            format!("single facts, {} connections", single::CONNECTIONS),
            "  floor: empty route",
        ),
        Way::Batch => (
            format!(
                "batches of {}, {} connections",
                batch::SIZE,
                batch::CONNECTIONS
            ),
            copy,
        ),
        Way::Amqp => ("messages from RabbitMQ".to_owned(), copy),
        Way::Import => ("import of a file".to_owned(), copy),
    }
}

fn row(name: impl Into<String>, lap: &Lap, ratio: &str) -> [String; 12] {
    let cpu = &lap.cpu;
    [
        name.into(),
        number(lap.number as u64),
        seconds(Some(lap.took.as_secs_f64())),
        number(whole(lap.per_second())),
        ratio.to_owned(),
        lap.peak_kib
            .map_or("–".to_owned(), |peak| format!("{:.1}", mebibytes(peak))),
        lap.writing
            .map_or("–".to_owned(), |part| format!("{:.0} %", part * 100.0)),
        seconds(cpu.service),
        seconds(cpu.postgres),
        seconds(cpu.rabbitmq),
        seconds(cpu.client),
        seconds(cpu.rest),
    ]
}

fn object(comparisons: &[Comparison]) -> Value {
    let entry = |one: &Comparison| {
        let figures = json!({
            "per_s": whole(one.taken.per_second()),
            "ratio": rounded(one.ratio(), 1_000.0),
            "peak_mib": rounded(mebibytes(one.taken.peak_kib.unwrap_or_default()), 10.0),
        });
        (one.way.name().to_owned(), figures)
    };
    Value::Object(comparisons.iter().map(entry).collect::<Map<_, _>>())
}
