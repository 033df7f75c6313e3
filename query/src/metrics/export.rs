//! The measurement of an export, from the request to the end of the file.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use analytics_shared::telemetry::GaugeGuard;

use super::{
    labels::ExportOutcome,
    record::{export_duration, exports, exports_in_flight},
};

/// Measures an export until its last clone is dropped.
#[derive(Clone)]
pub struct ExportMeasurement(Arc<Export>);

struct Export {
    format: &'static str,
    started: Instant,
    outcome: OnceLock<ExportOutcome>,
    _in_flight: GaugeGuard,
}

impl ExportMeasurement {
    /// Begins an export in this format.
    pub fn begin(format: &'static str) -> Self {
        Self(Arc::new(Export {
            format,
            started: Instant::now(),
            outcome: OnceLock::new(),
            _in_flight: GaugeGuard::new(exports_in_flight(format)),
        }))
    }

    /// Sets the outcome; the first one counts. An export without one has been cancelled.
    pub fn end(&self, outcome: ExportOutcome) {
        let _ = self.0.outcome.set(outcome);
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        let outcome = self.outcome.get().copied();
        let outcome = outcome.unwrap_or(ExportOutcome::Cancelled);
        exports(self.format, outcome).increment(1);
        if outcome != ExportOutcome::Rejected {
            export_duration(self.format).record(self.started.elapsed());
        }
    }
}
