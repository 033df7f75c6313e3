//! The output of the demo.

mod figures;
mod outcome;
mod when;

pub use figures::{dashboard, funnel, report};
pub use outcome::{link, places, played, verdict};

/// The number of steps.
const STEPS: usize = 5;

/// Prints the heading of a step.
pub fn step(number: usize, what: &str) {
    println!("[{number}/{STEPS}] {what}");
}
