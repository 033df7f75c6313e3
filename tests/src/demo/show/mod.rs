//! Everything that the demo prints, as readable tables.

mod figures;
mod outcome;
mod when;

pub use figures::{dashboard, funnel, report};
pub use outcome::{places, played, verdict};

/// Steps of the demo.
const STEPS: usize = 5;

/// Says which step begins.
pub fn step(number: usize, what: &str) {
    println!("[{number}/{STEPS}] {what}");
}
