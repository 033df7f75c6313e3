//! The progress of a measurement: a bar on a terminal, and a line at the end.

use std::borrow::Cow;

use indicatif::ProgressBar;

use super::watch::Lap;
use crate::form::{self, number};

/// A bar of this length.
pub fn bar(what: impl Into<Cow<'static, str>>, number: usize) -> ProgressBar {
    let columns = "  {prefix:36} {bar:32} {human_pos:>9} / {human_len}  {rate}";
    form::progress(columns, what, number)
}

/// A spinner with a count, for an unknown length.
pub fn counter(what: impl Into<Cow<'static, str>>) -> ProgressBar {
    form::progress("  {prefix:36} {human_pos:>9}  {rate}", what, 0)
}

/// Prints the result of a measurement; `things` is the counted unit.
pub fn ended(what: &str, things: &str, lap: &Lap) {
    let done = number(lap.number as u64);
    let (seconds, rate) = (lap.took.as_secs_f64(), lap.per_second());
    eprintln!("  {what:36} {done:>9} {things} in {seconds:.1} s, {rate:.0}/s");
}
