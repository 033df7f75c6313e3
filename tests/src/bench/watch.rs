//! The stopwatch: time and CPU from the first fact to the last commit, or from the first question to
//! the last answer.

use std::time::{Duration, Instant};

use super::cpu::{Cpu, Measured, Reading};

/// A measurement under way.
pub struct Watch {
    measured: Measured,
    before: Reading,
    began: Instant,
}

/// A measurement that is done.
#[derive(Clone, Debug)]
pub struct Lap {
    /// How many facts were taken, or answers given.
    pub number: usize,
    /// The time that it took.
    pub took: Duration,
    /// The CPU that it took.
    pub cpu: Cpu,
    /// The most memory that the service had, in KiB, if one was measured.
    pub peak_kib: Option<u64>,
    /// The part of the time in which a writer of the service waited for the database, on average.
    pub writing: Option<f64>,
}

impl Watch {
    /// Begins.
    #[must_use]
    pub fn start(measured: Measured) -> Self {
        let before = Reading::now(measured);
        Self {
            measured,
            before,
            began: Instant::now(),
        }
    }

    /// Ends, with so many facts taken, or answers given.
    #[must_use]
    pub fn stop(self, number: usize) -> Lap {
        let took = self.began.elapsed();
        let cpu = Reading::now(self.measured).since(self.before);
        Lap {
            number,
            took,
            cpu,
            peak_kib: None,
            writing: None,
        }
    }
}

impl Lap {
    /// The same, with the most memory that the service had.
    #[must_use]
    pub fn with_peak(self, peak_kib: u64) -> Self {
        Self {
            peak_kib: Some(peak_kib),
            ..self
        }
    }

    /// The same, with the seconds that each writer has waited for the database.
    #[must_use]
    pub fn with_writing(self, seconds: f64) -> Self {
        Self {
            writing: Some(seconds / self.took.as_secs_f64()),
            ..self
        }
    }

    /// Facts or answers per second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn per_second(&self) -> f64 {
        self.number as f64 / self.took.as_secs_f64()
    }
}
