//! The table of the figures of one number of facts.

use super::{Compared, speedup};
use crate::{
    bench::{
        query::{
            figure::Figure,
            latency::{Latency, milliseconds},
            measurement::Measurement,
            plain::Plain,
        },
        report::{ABSENT, mebibytes, optional, seconds, whole},
        watch::Lap,
    },
    form::{self, number, title},
};

const HEADER: [&str; 15] = [
    "figure",
    "responses",
    "responses/s",
    "p50 ms",
    "p99 ms",
    "slowest",
    "p50 of baseline",
    "p99 of baseline",
    "computed",
    "of SQL",
    "peak MiB",
    "service",
    "PostgreSQL",
    "client",
    "rest",
];

/// Prints the table.
pub fn table(compared: Compared) {
    title(&format!(
        "Figures of {} facts: milliseconds, and CPU seconds",
        number(compared.current.facts as u64)
    ));
    let rows = compared
        .current
        .plain
        .iter()
        .flat_map(|(figure, plain)| of_figure(compared, *figure, plain));
    let mut numbers = [true; 15];
    numbers[0] = false;
    form::table(HEADER, numbers, rows);
}

/// The rows of a figure: each measurement above that of the baseline, then plain SQL.
fn of_figure(compared: Compared, figure: Figure, plain: &Plain) -> Vec<[String; 15]> {
    let mut rows = Vec::new();
    let all = compared.current.figures.iter();
    for one in all.filter(|one| one.figure == figure) {
        let earlier = compared.baseline.and_then(|baseline| {
            let plain = baseline.plain(figure)?;
            Some((baseline.find(figure, one.situation)?, plain))
        });
        let name = format!("{figure}, {}", one.situation);
        rows.push(measurement(name, one, plain, earlier.map(|(one, _)| one)));
        if let Some((one, plain)) = earlier {
            rows.push(measurement("  baseline".to_owned(), one, plain, None));
        }
    }
    rows.push(by_sql(figure, plain));
    rows
}

fn measurement(
    name: String,
    one: &Measurement,
    plain: &Plain,
    baseline: Option<&Measurement>,
) -> [String; 15] {
    let cells = Cells {
        name,
        lap: one.lap.as_ref(),
        latency: &one.latency,
        baseline: baseline.map(|baseline| &baseline.latency),
        computed: one
            .computed
            .map_or(ABSENT.to_owned(), |computed| number(computed as u64)),
        speedup: format!("{}×", number(whole(speedup(plain, &one.latency)))),
        peak: format!("{:.1}", mebibytes(one.peak_kib)),
    };
    cells.row()
}

fn by_sql(figure: Figure, plain: &Plain) -> [String; 15] {
    let cells = Cells {
        name: format!("  {figure} by plain SQL"),
        lap: Some(&plain.lap),
        latency: &plain.latency,
        baseline: None,
        computed: String::new(),
        speedup: String::new(),
        peak: String::new(),
    };
    cells.row()
}

/// The parts of a row.
struct Cells<'a> {
    name: String,
    lap: Option<&'a Lap>,
    latency: &'a Latency,
    baseline: Option<&'a Latency>,
    computed: String,
    speedup: String,
    peak: String,
}

impl Cells<'_> {
    fn row(self) -> [String; 15] {
        let time = |time| format!("{:.2}", milliseconds(time));
        let cpu = |of: fn(&Lap) -> Option<f64>| seconds(self.lap.and_then(of));
        let of_baseline = |of: fn(&Latency) -> std::time::Duration| {
            let baseline = self.baseline.map(|baseline| of(baseline).as_secs_f64());
            let ratio = baseline.map(|baseline| of(self.latency).as_secs_f64() / baseline);
            optional(ratio, 2, "")
        };
        [
            self.name,
            self.lap
                .map_or(ABSENT.to_owned(), |lap| number(lap.number as u64)),
            optional(self.lap.map(Lap::per_second), 1, ABSENT),
            time(self.latency.median()),
            time(self.latency.p99()),
            time(self.latency.slowest()),
            of_baseline(Latency::median),
            of_baseline(Latency::p99),
            self.computed,
            self.speedup,
            self.peak,
            cpu(|lap| lap.cpu.service),
            cpu(|lap| lap.cpu.postgres),
            cpu(|lap| lap.cpu.client),
            cpu(|lap| lap.cpu.rest),
        ]
    }
}
