//! The progress of an import: a bar on a terminal, else periodic log lines.

use std::{
    io::{Stderr, Write, stderr},
    time::Duration,
};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::summary::rate;

/// The time between two log lines.
pub const LOG_INTERVAL: Duration = Duration::from_secs(10);
/// The time between two updates of the bar.
const TICK: Duration = Duration::from_millis(200);
const TEMPLATE: &str = "{wide_bar} {percent}% · {msg} · {eta} left";
/// For sources of unknown size, such as pipes.
const SPINNER_TEMPLATE: &str = "{spinner} {bytes} · {msg}";

/// The progress in bytes of files whose rows are settled. The bar is hidden unless standard error is a terminal.
#[derive(Clone)]
pub struct Progress(ProgressBar);

/// Writes log lines above the bar.
pub struct LogWriter(ProgressBar);

impl Progress {
    /// Starts at 0 of `bytes`, if their number is known.
    pub fn new(bytes: Option<u64>) -> Self {
        let (bar, template) = match bytes {
            Some(bytes) => (ProgressBar::new(bytes), TEMPLATE),
            None => (ProgressBar::no_length(), SPINNER_TEMPLATE),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self(bar)
    }

    /// The writer for log lines, which do not overwrite the bar.
    pub fn log_writer(&self) -> LogWriter {
        LogWriter(self.0.clone())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Shows the number of settled rows, and the position up to which all rows are settled, in bytes.
    pub fn update(&self, rows: u64, position: u64) {
        self.0.set_position(position.max(self.0.position()));
        let (rows, rate) = (HumanCount(rows), HumanCount(self.rate(rows)));
        self.0
            .set_message(format!("{rows} rows · {rate} per second"));
    }

    /// Shows that the import waits for the database.
    pub fn database_unavailable(&self) {
        self.0.set_message("the database is unavailable: retrying");
    }

    /// Logs the progress, unless there is a bar.
    pub fn log(&self, rows: u64) {
        if !self.0.is_hidden() {
            return;
        }
        let per_second = self.rate(rows);
        let (done, all) = (self.0.position(), self.0.length());
        if let Some(all) = all.filter(|all| *all > 0 && done > 0) {
            let percent = done * 100 / all;
            let seconds_left = self.0.eta().as_secs();
            tracing::info!(rows, per_second, percent, seconds_left, "importing");
        } else {
            tracing::info!(rows, per_second, "importing");
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate need not be exact"
    )]
    fn rate(&self, rows: u64) -> u64 {
        rate(rows, self.elapsed()) as u64
    }
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let to: Stderr = stderr();
        self.0.suspend(|| to.lock().write(line))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        stderr().flush()
    }
}
