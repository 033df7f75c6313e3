//! How far a measurement is, beside the table: a bar on a terminal, a line at the end in any case.

use indicatif::ProgressBar;

use super::watch::Lap;
use crate::form::{self, number};

/// A bar over so many facts.
pub fn bar(what: &'static str, facts: usize) -> ProgressBar {
    let columns = "  {prefix:36} {bar:32} {human_pos:>9} / {human_len}  {rate}";
    form::progress(columns, what, facts)
}

/// Says how a measurement ended.
pub fn ended(what: &str, lap: &Lap) {
    let facts = number(lap.facts as u64);
    let (seconds, rate) = (lap.took.as_secs_f64(), lap.per_second());
    eprintln!("  {what:36} {facts:>9} facts in {seconds:.1} s, {rate:.0}/s");
}
