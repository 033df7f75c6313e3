//! The output of `query`: the size of the databases, the tables, and the machine-readable line.

mod figures;
mod files;
mod json;
mod zone_change;

use super::{
    FACTS_OF_PERSON, FIRST, ORGANIZATIONS, QueryOptions, SPAN, latency::Latency,
    measurement::Measured, plain::Plain,
};
use crate::{
    bench::{mix::EVENTS, programs::Programs, report},
    form::{number, title},
};

/// The measurements of the current binaries and those of the baseline.
#[derive(Clone, Copy)]
struct Compared<'a> {
    current: &'a Measured,
    baseline: Option<&'a Measured>,
}

/// Prints the commits and the size of the databases.
pub fn facts(options: &QueryOptions, programs: &[Programs]) {
    report::commits(programs);
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

/// Prints the tables and, as the last line, the JSON object.
pub fn measured(programs: &[Programs], small: &[Measured], large: &[Measured]) {
    let (small, large) = (compared(small), compared(large));
    figures::table(small);
    figures::table(large);
    files::table(large);
    if let Some(change) = &large.current.zone_change {
        zone_change::table(change);
    }
    println!("{}", json::object(programs, small, large));
}

fn compared(measured: &[Measured]) -> Compared<'_> {
    Compared {
        current: measured.last().expect("the current binaries"),
        baseline: measured.iter().find(|one| one.is_baseline),
    }
}

/// The duration of plain SQL divided by that of the median response.
fn speedup(plain: &Plain, latency: &Latency) -> f64 {
    plain.latency.median().as_secs_f64() / latency.median().as_secs_f64()
}
