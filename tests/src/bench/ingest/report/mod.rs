//! The output of `ingest`: the mix of the facts, the tables, and the machine-readable line.

mod json;
mod tables;

use super::{Bench, SHAPE, Way, comparison::Comparison};
use crate::{
    bench::{
        mix::{EVENTS, Fact, Timeline},
        report,
    },
    form::{number, title},
    simulator::Kind,
};

/// The number of facts from which the shares of the types are counted.
const SAMPLE: usize = 100_000;

/// Prints the commits and the mix.
pub fn mix(bench: &Bench, ways: &[Way]) {
    report::commits(&bench.programs);
    title("Facts");
    println!(
        "{} events of {} organizations, popularity by Zipf's law; {} visitors, each of one \
         organization,\nas many as its events are popular; UUIDv7 ids, nearly in order of time.",
        number(EVENTS as u64),
        number(SHAPE.organizations as u64),
        number(SHAPE.visitors as u64),
    );
    let sample = Timeline::Spread(SAMPLE);
    if ways.iter().any(|way| *way != Way::Amqp) {
        println!("HTTP and import: {}", shares(bench.mix.all_kinds(sample)));
    }
    if ways.contains(&Way::Amqp) {
        println!("RabbitMQ: {}", shares(bench.mix.platform_kinds(sample)));
    }
}

/// The percentage of each kind.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn shares(facts: impl Iterator<Item = Fact>) -> String {
    let kinds: Vec<Kind> = facts.map(|fact| fact.deed.kind()).collect();
    let share = |kind: Kind| {
        let number = kinds.iter().filter(|one| **one == kind).count();
        let percent = number as f64 * 100.0 / kinds.len() as f64;
        (number > 0).then(|| format!("{percent:.1} % {}", kind.event_type()))
    };
    let shares: Vec<String> = Kind::ALL.into_iter().filter_map(share).collect();
    shares.join(", ")
}

/// Prints the tables and, as the last line, the JSON object.
pub fn measured(bench: &Bench, comparisons: &[Comparison]) {
    tables::speed(comparisons);
    tables::cpu(comparisons);
    println!("{}", json::object(bench, comparisons));
}
