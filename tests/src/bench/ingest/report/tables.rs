//! The tables: throughput relative to floors and baseline, memory, and CPU.

use std::time::Duration;

use crate::{
    bench::{
        ingest::{Way, batch, comparison::Comparison, floors::FloorKind},
        report::{ABSENT, mebibytes, optional, seconds, whole},
        watch::Lap,
    },
    form::{number, table, title},
};

/// Prints facts per second.
pub fn speed(comparisons: &[Comparison]) {
    title("Facts per second");
    let rows = comparisons.iter().flat_map(|one| {
        let ratio = |ratio: Option<f64>| optional(ratio, 2, "");
        let first = one
            .ratio(FloorKind::EmptyRoute)
            .or(one.ratio(FloorKind::Copy));
        let of_current = [
            ratio(first),
            ratio(one.ratio(FloorKind::Insert)),
            ratio(one.of_baseline()),
        ];
        laps(one).map(move |(name, lap, is_current)| {
            let ratios = if is_current {
                of_current.clone()
            } else {
                Default::default()
            };
            speed_row(name, lap, ratios)
        })
    });
    table(
        [
            "way",
            "facts",
            "seconds",
            "facts/s",
            "of floor",
            "of INSERT",
            "of baseline",
            "compaction s",
        ],
        [false, true, true, true, true, true, true, true],
        rows,
    );
}

fn speed_row(name: String, lap: &Lap, ratios: [String; 3]) -> [String; 8] {
    let [floor, insert, baseline] = ratios;
    [
        name,
        number(lap.number as u64),
        seconds(Some(lap.took.as_secs_f64())),
        number(whole(lap.per_second())),
        floor,
        insert,
        baseline,
        seconds(lap.compaction_wait.as_ref().map(Duration::as_secs_f64)),
    ]
}

/// Prints memory, CPU per fact, and CPU seconds.
pub fn cpu(comparisons: &[Comparison]) {
    title("Memory, CPU microseconds per fact, and CPU seconds");
    let rows = comparisons
        .iter()
        .flat_map(|one| laps(one).map(|(name, lap, _)| cpu_row(name, lap)));
    table(
        [
            "way",
            "peak MiB",
            "writing",
            "service µs",
            "PostgreSQL µs",
            "service",
            "PostgreSQL",
            "RabbitMQ",
            "client",
            "rest",
        ],
        [false, true, true, true, true, true, true, true, true, true],
        rows,
    );
}

fn cpu_row(name: String, lap: &Lap) -> [String; 10] {
    let cpu = &lap.cpu;
    [
        name,
        optional(lap.peak_kib.map(mebibytes), 1, ABSENT),
        lap.writing
            .map_or(ABSENT.to_owned(), |part| format!("{:.0} %", part * 100.0)),
        optional(lap.service_micros(), 1, ABSENT),
        optional(lap.postgres_micros(), 1, ABSENT),
        seconds(cpu.service),
        seconds(cpu.postgres),
        seconds(cpu.rabbitmq),
        seconds(cpu.client),
        seconds(cpu.rest),
    ]
}

/// The measurements of a transport with their names, and whether they are of the current binaries: these first,
/// then the baseline and the floors.
fn laps(one: &Comparison) -> impl Iterator<Item = (String, &Lap, bool)> {
    let baseline = one.baseline.iter();
    let floors = one.floors.iter();
    [(name(one), &one.current, true)]
        .into_iter()
        .chain(baseline.map(|lap| ("  baseline".to_owned(), lap, false)))
        .chain(floors.map(|floor| (format!("  {}", floor.kind.name()), &floor.lap, false)))
}

fn name(one: &Comparison) -> String {
    match one.way {
        Way::Single => format!(
            "single facts, {} connections",
            one.connections.unwrap_or_default()
        ),
        Way::Batch => format!(
            "batches of {}, {} connections",
            batch::SIZE,
            batch::CONNECTIONS
        ),
        Way::Amqp => "messages from RabbitMQ".to_owned(),
        Way::Import => "import of NDJSON".to_owned(),
    }
}
