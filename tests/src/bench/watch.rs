//! The stopwatch: time and CPU from the first fact to the last commit, or from the first request to the last
//! response.

use std::time::{Duration, Instant};

use super::cpu::{Cpu, Measured, Reading};

/// A measurement in progress.
pub struct Watch {
    measured: Measured,
    before: Reading,
    began: Instant,
}

/// A finished measurement.
#[derive(Clone, Debug)]
pub struct Lap {
    /// The number of accepted facts or responses.
    pub number: usize,
    /// The duration.
    pub took: Duration,
    /// The CPU time.
    pub cpu: Cpu,
    /// The peak memory of the service, in KiB, if one was measured.
    pub peak_kib: Option<u64>,
    /// The average share of the time in which a writer of the service waited for the database.
    pub writing: Option<f64>,
    /// The part of `took` that passed between the last commit and the end of the compaction backlog.
    pub compaction_wait: Option<Duration>,
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

    /// Ends, after this number of facts or responses.
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
            compaction_wait: None,
        }
    }
}

impl Lap {
    /// The same, with the peak memory of the service.
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

    /// The same, with the wait for the compaction backlog; `None` if nothing is compacted.
    #[must_use]
    pub fn with_compaction_wait(self, compaction_wait: Option<Duration>) -> Self {
        Self {
            compaction_wait,
            ..self
        }
    }

    /// The sum of two consecutive measurements.
    #[must_use]
    pub fn joined(self, next: &Self) -> Self {
        Self {
            number: self.number + next.number,
            took: self.took + next.took,
            cpu: self.cpu.plus(next.cpu),
            peak_kib: self.peak_kib.max(next.peak_kib),
            writing: None,
            compaction_wait: self.compaction_wait.or(next.compaction_wait),
        }
    }

    /// Microseconds of CPU per fact of the service.
    #[must_use]
    pub fn service_micros(&self) -> Option<f64> {
        self.micros(self.cpu.service)
    }

    /// Microseconds of CPU per fact of PostgreSQL: backends, compaction and autovacuum.
    #[must_use]
    pub fn postgres_micros(&self) -> Option<f64> {
        self.micros(self.cpu.postgres)
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn micros(&self, seconds: Option<f64>) -> Option<f64> {
        Some(seconds? * 1_000_000.0 / self.number as f64)
    }

    /// Facts or responses per second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn per_second(&self) -> f64 {
        self.number as f64 / self.took.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lap(number: usize, seconds: u64, postgres: Option<f64>) -> Lap {
        Lap {
            number,
            took: Duration::from_secs(seconds),
            cpu: Cpu {
                service: Some(1.0),
                postgres,
                rabbitmq: None,
                client: None,
                rest: None,
            },
            peak_kib: Some(number as u64),
            writing: None,
            compaction_wait: None,
        }
    }

    #[test]
    fn cpu_is_told_per_fact() {
        let lap = lap(200_000, 10, None);
        assert_eq!(lap.service_micros(), Some(5.0));
        assert_eq!(lap.postgres_micros(), None);
    }

    #[test]
    fn joined_measurements_add_up_and_keep_the_highest_peak() {
        let joined = lap(300, 2, Some(2.0)).joined(&lap(100, 6, Some(0.5)));
        assert_eq!(joined.number, 400);
        assert!((joined.per_second() - 50.0).abs() < 1e-9);
        assert_eq!(joined.cpu.postgres, Some(2.5));
        assert_eq!(joined.peak_kib, Some(300));
    }
}
