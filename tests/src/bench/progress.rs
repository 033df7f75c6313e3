//! How far a measurement is, beside the table: a bar on a terminal, a line at the end in any case.

use std::fmt;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::watch::Lap;
use crate::form::number;

/// A bar over so many facts.
pub fn bar(what: &'static str, facts: usize) -> ProgressBar {
    let style = "  {prefix:36} {bar:32} {human_pos:>9} / {human_len}  {rate}";
    let style = ProgressStyle::with_template(style).expect("a template");
    let style = style.with_key(
        "rate",
        |state: &ProgressState, text: &mut dyn fmt::Write| {
            let _ = write!(text, "{:.0}/s", state.per_sec());
        },
    );
    ProgressBar::new(facts as u64)
        .with_prefix(what)
        .with_style(style)
}

/// Says how a measurement ended.
pub fn ended(what: &str, lap: &Lap) {
    let facts = number(lap.facts as u64);
    let (seconds, rate) = (lap.took.as_secs_f64(), lap.per_second());
    eprintln!("  {what:36} {facts:>9} facts in {seconds:.1} s, {rate:.0}/s");
}
