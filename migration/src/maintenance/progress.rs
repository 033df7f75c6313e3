//! The progress of a command: a bar on a terminal, log lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// The interval of log lines.
const LOG_INTERVAL: Duration = Duration::from_secs(10);
const TEMPLATE: &str = "events {wide_bar} {human_pos} of {human_len} · {per_sec} · {eta} left";

/// Counts the events that a command has processed. The bar is hidden unless standard error is a terminal.
pub struct Progress {
    bar: ProgressBar,
    logged_at: Instant,
}

impl Progress {
    /// The progress of a command that processes so many events.
    pub fn new(events: usize) -> Self {
        let bar = ProgressBar::new(events as u64);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self {
            bar,
            logged_at: Instant::now(),
        }
    }

    /// Counts one event.
    pub fn increment(&mut self) {
        self.bar.inc(1);
        if self.bar.is_hidden() && self.logged_at.elapsed() >= LOG_INTERVAL {
            self.logged_at = Instant::now();
            let (events, total) = (self.bar.position(), self.bar.length());
            let seconds_left = self.bar.eta().as_secs();
            tracing::info!(events, total, seconds_left, "in progress");
        }
    }

    /// Removes the bar.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
